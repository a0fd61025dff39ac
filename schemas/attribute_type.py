"""What every attribute type has: how its values are taken, kept, found, shown and described."""

import re
from abc import abstractmethod
from typing import Any, ClassVar

from marshmallow import ValidationError

from schemas.document import dump
from schemas.objects import MemberField

REQUIRED: dict[str, Any] = {"required": "is mandatory"}
NO_STRING = "must be a string"
MASK = "••••"
_MASKED = (
    "is a mask, not the value: send the value itself, or leave it as it is with a PATCH or an"
    " update of a record that does not name it"
)
_FORBIDDEN = re.compile("[\0\ud800-\udfff]")


def check_text(value: Any) -> None:
    """
    :raises ValidationError: it is no string, or one that a store cannot keep.
    """
    if not isinstance(value, str):
        raise ValidationError(NO_STRING)
    if _FORBIDDEN.search(value):
        raise ValidationError("must not hold U+0000 or a lone surrogate")


class AttributeType(MemberField):
    """A single value of one type. ``type_name`` is what definitions call it, ``example`` a
    value."""

    type_name: ClassVar[str]
    example: ClassVar[Any]
    default_error_messages = REQUIRED

    def __init__(self, *, sensitive: bool = False, **kwargs: Any) -> None:
        """``sensitive``: it is shown masked, so what looks like a mask is no value of it."""
        super().__init__(**kwargs)
        self.sensitive = sensitive

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.taken(value)

    def taken(self, value: Any) -> Any:
        """A ``value`` that a client sends, as it is stored and answered.

        :raises ValidationError: it is none of this type, or a mask.
        """
        self.refuse_mask(value)
        return self.stored(value)

    def refuse_mask(self, value: Any) -> None:
        """
        :raises ValidationError: ``value`` can only be what was shown instead of a value.
        """
        if self.sensitive and isinstance(value, str) and value.startswith(MASK):
            raise ValidationError(_MASKED)

    def masked(self, value: Any) -> str:
        """What is shown instead of a stored ``value``, which may be of another type too."""
        return MASK

    @abstractmethod
    def stored(self, value: Any) -> Any:
        """``value`` as it is stored and answered.

        :raises ValidationError: it is none of this type.
        """

    def from_text(self, text: str) -> Any:
        """The stored value that ``text``, as it may stand in a URL, means.

        :raises ValidationError: it means none of this type.
        """
        return self.stored(text)

    def canonical(self, value: Any) -> str:
        """What a stored ``value`` is found by: the same text for all forms of one value.

        It is also the same for every type that a stored value may lawfully be turned into.
        Takes every value: what an earlier definition left may be of another type.
        """
        return value if isinstance(value, str) else dump(value).decode()

    @abstractmethod
    def form(self) -> dict[str, Any]:
        """Its JSON Schema (2020-12) in bodies, as far as one can tell what `stored` takes."""

    def text_form(self) -> dict[str, Any]:
        """As `form`, for what `from_text` takes."""
        return self.form()
