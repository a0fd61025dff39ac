"""What is wrong with a request beside its body."""

from collections.abc import Mapping

from werkzeug.exceptions import BadRequest


class RequestFault(Exception):
    """A part of the request beside its body is wrong: ``faults`` by place and message."""

    def __init__(self, place: str, faults: Mapping[str, str]) -> None:
        """``place``: what the keys of ``faults`` name, "header", "parameter" or "path"."""
        self.place = place
        self.faults = faults
        super().__init__(f"{place}: {faults}")


class InvalidHost(RequestFault, BadRequest):
    """The Host header is missing or malformed (RFC 9112 section 3.2)."""
