"""The base of all schemas here: what is no object or not known is a fault, at its place."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema

from schemas.document import Repeating
from schemas.faults import MAX_FAULTS
from schemas.spelling import suggestion

_ENOUGH = MAX_FAULTS + 1
_MAX_GUESSES = 20


class StrictSchema(Schema):
    """Tells its faults in the order of the body, and suggests names for unknown ones.

    Of unknown and of repeated names more than are told are looked for, but not all.
    """

    error_messages = {"type": "must be an object"}

    class Meta:
        unknown = EXCLUDE  # `refuse_names` looks at these.

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = {field.data_key or name: None for name, field in self.load_fields.items()}

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_names(self, data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        faults = {name: [message] for name, message in islice(self._unknown(original), _ENOUGH)}
        if isinstance(original, Repeating):
            for name in islice(original.names, _ENOUGH):
                faults.setdefault(name, []).append("is given more than once")
        if faults:
            raise ValidationError(faults)

    def _unknown(self, original: dict[Any, Any]) -> Iterator[tuple[Any, str]]:
        unknown = (name for name in original if name not in self.names)
        for count, name in enumerate(unknown):
            hint = suggestion(str(name), self.names, guess=count < _MAX_GUESSES)
            yield name, f"is not known here{hint}"

    def handle_error(
        self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any
    ) -> None:
        if not isinstance(data, dict):
            # The plain messages: their usual key, _schema, is a name that a body may have.
            error.messages = [self.error_messages["type"]]
            return
        messages: dict[Any, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        order = [*data, *(name for name in messages if name not in data)]
        error.messages = {name: messages[name] for name in order if name in messages}
