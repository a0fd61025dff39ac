"""The authentication that the settings ask for."""

from typing import TYPE_CHECKING

from app.setting_files import reading
from app.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from app.access.authenticator import Authenticator

FILE_SETTING = "PROFILES_AUTH_FILE"


def open_authenticator(settings: Settings) -> "Authenticator | None":
    """None where nobody is asked."""
    if not settings.auth:
        return None
    from app.access.authenticator import Authenticator

    return Authenticator(settings.auth, settings.auth_file)


def check_access_file(settings: Settings) -> None:
    """For the start; a running service goes on with the last good version of the file.

    :raises WrongSetting: the access file cannot be used; with the path of every fault in it.
    """
    authenticator, file = open_authenticator(settings), settings.auth_file
    if authenticator is None:
        return
    if not file.exists():
        raise WrongSetting(
            f"{FILE_SETTING}={file} is not there: `profiles auth add-key NAME"
            " --role administrator` makes it."
        )
    with reading(FILE_SETTING, file):
        authenticator.check()
