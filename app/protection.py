"""Whether strangers could come in."""

from ipaddress import ip_address

from app.settings import Settings, WrongSetting


def check_protected(settings: Settings, host: str) -> None:
    """
    :raises WrongSetting: others can reach the service at ``host``, and it would ask nobody.
    """
    if settings.auth or settings.open_to_all or _is_loopback(host):
        return
    raise WrongSetting(
        f"{host} can be reached from other machines, and with PROFILES_AUTH=none whoever does may"
        " read and change every profile: set PROFILES_AUTH (docs/access.md), or listen on"
        " 127.0.0.1, or set PROFILES_OPEN_TO_ALL=yes if that is what you want."
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
