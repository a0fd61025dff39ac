"""The authentication that the settings ask for."""

from app.access.authenticator import Authenticator
from app.setting_files import reading
from app.settings import Settings, WrongSetting

FILE_SETTING = "PROFILES_AUTH_FILE"


def open_authenticator(settings: Settings) -> Authenticator | None:
    """None where nobody is asked.

    :raises WrongSetting: the access file cannot be used; with the path of every fault in it.
    """
    if not settings.auth:
        return None
    if not settings.auth_file.exists():
        raise WrongSetting(
            f"{FILE_SETTING}={settings.auth_file} is not there: `profiles auth add-key NAME"
            " --role administrator` makes it."
        )
    with reading(FILE_SETTING, settings.auth_file):
        return Authenticator(settings.auth, settings.auth_file)
