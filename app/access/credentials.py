"""What a request says of who sends it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """The headers of a request that say who asks, None where they are not there."""

    authorization: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
