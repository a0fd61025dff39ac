"""Moments as they are told: UTC, to the millisecond."""

from datetime import UTC, datetime


def now() -> str:
    """The present moment."""
    return text(datetime.now(UTC))


def text(moment: datetime) -> str:
    """``moment`` as YYYY-MM-DDTHH:MM:SS.sssZ; later ones sort behind earlier ones."""
    utc = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return utc.removesuffix("+00:00") + "Z"
