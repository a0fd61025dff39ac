"""What of stored profiles a refusal or a report may tell to who asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jsonpointer import JsonPointer

from schemas.faults import Fault, Invalid
from schemas.profile import ProfileSchema

Own = Callable[[str], bool]
WITHHELD = Fault("", "what is stored beside does not fit, where the caller may not read it")


@dataclass(frozen=True, slots=True)
class Readable:
    """Whether who asks may read core attributes, records, and what is sensitive of these."""

    attributes: bool = True
    records: bool = True
    sensitive: bool = True

    def has(self, fault: Fault, schema: ProfileSchema) -> bool:
        """Whether ``fault``, in a whole profile of ``schema``, lies in what may be read."""
        steps = _steps(fault)
        in_records = bool(steps) and steps[0] in schema.extensions
        may_read = self.records if in_records else self.attributes
        return may_read and (self.sensitive or not schema.masking.concerns(steps))

    def tells(self, fault: Fault, schema: ProfileSchema) -> bool:
        """As `has`, and whether it may be told which profile that is."""
        return self.attributes and self.has(fault, schema)


ALL = Readable()


def without_stored(error: Invalid, may_tell: Callable[[Fault], bool], own: Own) -> Invalid:
    """``error`` without its faults in what is stored, but for those that one ``may_tell``.

    ``own``: whether the value under a name, the first step of a pointer, was given by who asks.
    """
    told = [each for each in error.faults if _is_own(each, own) or may_tell(each)]
    return Invalid(told if len(told) == len(error.faults) else [*told, WITHHELD])


def _is_own(fault: Fault, own: Own) -> bool:
    steps = _steps(fault)
    return not steps or own(steps[0])


def _steps(fault: Fault) -> Sequence[str]:
    parts: list[str] = JsonPointer(fault.pointer).parts
    return parts
