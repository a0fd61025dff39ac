"""The base of all schemas here: what is no object or not known is a fault, at its place."""

from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from schemas.document import Repeating
from schemas.spelling import suggestion

_UNKNOWN = "is not known here"
_MAX_GUESSES = 20


class StrictSchema(Schema):
    """Tells all faults, in the order of the body, and suggests names for unknown ones."""

    error_messages = {"type": "must be an object", "unknown": _UNKNOWN}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = [field.data_key or name for name, field in self.load_fields.items()]

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_repeated_names(self, data: Any, original: Any, **_: Any) -> None:
        if isinstance(original, Repeating):
            raise ValidationError({name: ["is given more than once"] for name in original.names})

    def handle_error(
        self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any
    ) -> None:
        if not isinstance(data, dict):
            # The plain messages: their usual key, _schema, is a name that a body may have.
            error.messages = [self.error_messages["type"]]
            return
        messages: dict[Any, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        unknown = [name for name in data if _UNKNOWN in messages.get(name, ())]
        for count, name in enumerate(unknown):
            told = _UNKNOWN + suggestion(str(name), self.names, guess=count < _MAX_GUESSES)
            messages[name] = [told if text == _UNKNOWN else text for text in messages[name]]
        order = [*data, *(name for name in messages if name not in data)]
        error.messages = {name: messages[name] for name in order if name in messages}
