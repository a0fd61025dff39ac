"""The definition that a new tenant starts with."""

from app.settings import Settings, WrongSetting
from schemas.definition import Definition
from schemas.faults import Invalid
from schemas.reader import read_definition


def load_definition(settings: Settings) -> Definition:
    """What the definition file describes.

    :raises WrongSetting: with the path of every fault in it.
    """
    try:
        return read_definition(settings.definition.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = f"PROFILES_DEFINITION={settings.definition} cannot be read: {error}"
        raise WrongSetting(why) from None
    except Invalid as error:
        lines = "".join(f"\n  {fault}" for fault in error.faults)
        raise WrongSetting(f"Mend the definition {settings.definition}:{lines}") from None
