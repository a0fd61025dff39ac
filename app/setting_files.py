"""Files that settings name: what is wrong with one is told as a wrong setting."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import WrongSetting
from schemas.faults import Invalid


@contextmanager
def reading(setting: str, file: Path) -> Iterator[None]:
    """Around what reads ``file``, which ``setting`` names.

    :raises WrongSetting: it cannot be read, or is faulty; with the path of every fault.
    """
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{setting}={file} cannot be read: {error}") from None
    except Invalid as error:
        lines = "".join(f"\n  {fault}" for fault in error.faults)
        raise WrongSetting(f"Mend {setting}={file}:{lines}") from None
