"""The authentication that the settings ask for."""

from app.access.authenticator import Authenticator
from app.settings import Settings, WrongSetting
from schemas.faults import Invalid


def open_authenticator(settings: Settings) -> Authenticator | None:
    """None where nobody is asked.

    :raises WrongSetting: the access file cannot be used; with the path of every fault in it.
    """
    if not settings.auth:
        return None
    try:
        return Authenticator(settings.auth, settings.auth_file)
    except FileNotFoundError:
        raise WrongSetting(
            f"PROFILES_AUTH_FILE={settings.auth_file} is not there: `profiles auth add-key NAME"
            " --role administrator` makes it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = f"PROFILES_AUTH_FILE={settings.auth_file} cannot be read: {error}"
        raise WrongSetting(why) from None
    except Invalid as error:
        lines = "".join(f"\n  {fault}" for fault in error.faults)
        raise WrongSetting(f"Mend the access file {settings.auth_file}:{lines}") from None
