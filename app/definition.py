"""The definition that a new tenant starts with."""

from app.setting_files import reading
from app.settings import Settings
from schemas.definition import Definition
from schemas.reader import read_definition


def load_definition(settings: Settings) -> Definition:
    """What the definition file describes.

    :raises WrongSetting: with the path of every fault in it.
    """
    with reading("PROFILES_DEFINITION", settings.definition):
        return read_definition(settings.definition.read_text(encoding="utf-8"))
