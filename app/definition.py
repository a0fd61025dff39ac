"""The definition that the service is started with."""

from app.settings import Settings, WrongSetting
from schemas.faults import Invalid
from schemas.profile import ProfileSchema
from schemas.reader import read_definition


def load_schema(settings: Settings) -> ProfileSchema:
    """The compiled schema of the definition file.

    :raises WrongSetting: with the path of every fault in it.
    """
    try:
        return ProfileSchema(read_definition(settings.definition.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        why = f"PROFILES_DEFINITION={settings.definition} cannot be read: {error}"
        raise WrongSetting(why) from None
    except Invalid as error:
        lines = "".join(f"\n  {fault}" for fault in error.faults)
        raise WrongSetting(f"Mend the definition {settings.definition}:{lines}") from None
