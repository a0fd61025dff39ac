"""Moments: ISO 8601 in, UTC to the millisecond out."""

from contextlib import suppress

import pytest
from marshmallow import ValidationError

from schemas.attributes import DateTime

NO_DATETIME = "must be a date and time, YYYY-MM-DDTHH:MM:SS.sssZ"


def stored(text: str) -> str:
    return DateTime().stored(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00.000Z"),
        ("2020-01-01T10:00:00", "2020-01-01T10:00:00.000Z"),
        ("2020-01-01T10:00Z", "2020-01-01T10:00:00.000Z"),
        ("2020-01-01T10", "2020-01-01T10:00:00.000Z"),
        ("2020-01-01T10:00:00.5Z", "2020-01-01T10:00:00.500Z"),
        ("2020-01-01T10:00:00,5Z", "2020-01-01T10:00:00.500Z"),
        ("2020-01-01T10:00:00.123456789Z", "2020-01-01T10:00:00.123Z"),
        ("2020-01-01T23:59:59.9999Z", "2020-01-01T23:59:59.999Z"),
        ("2020-01-01T10:00:00+02:00", "2020-01-01T08:00:00.000Z"),
        ("2020-01-01T10:00:00+0230", "2020-01-01T07:30:00.000Z"),
        ("2020-01-01T10:00:00+02", "2020-01-01T08:00:00.000Z"),
        ("2020-01-01T00:30:00+01:00", "2019-12-31T23:30:00.000Z"),
        ("2020-02-28T23:30:00-01:00", "2020-02-29T00:30:00.000Z"),
        ("2020-01-01T10:00:00-00:00", "2020-01-01T10:00:00.000Z"),
        ("20200101T100000Z", "2020-01-01T10:00:00.000Z"),
        ("2020-W01-1T10:00:00Z", "2019-12-30T10:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_datetime_is_kept_in_utc_to_the_millisecond(text: str, kept: str) -> None:
    assert stored(text) == kept
    assert stored(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        "2020-01-01",
        "10:00:00Z",
        "2020-01-01 10:00:00Z",
        "2020-01-01T",
        "2020-02-30T10:00:00Z",
        "2020-01-01T25:00:00Z",
        "2020-01-01T10:60:00Z",
        "2020-01-01T10:00:60Z",
        "2020-01-01T1:00:00Z",
        "2020-01-01T10:00:00+",
        "2020-01-01T10:00:00+24:00",
        "2020-01-01T10:00:00+02:00Z",
        "2020-01-01T10:00:00Z ",
        "2020-01-01T10:00:00.Z",
        "2020-01-01T10:00:00 Z",
        "2020-01-01TT10:00:00Z",
        "2020-01T10:00:00Z",
        "2020-W01T10:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2020-01-01T\u0661\u0660:00:00Z",
        "now",
        "1577872800",
    ],
)
def test_what_is_no_moment_of_iso_8601_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=NO_DATETIME):
        stored(text)


@pytest.mark.parametrize("text", ["2020-01-01T10.5Z", "2020-01-01T10:30.0Z"])
def test_a_fraction_of_an_hour_or_a_minute_is_refused_or_understood(text: str) -> None:
    with suppress(ValidationError):
        assert stored(text) == "2020-01-01T10:30:00.000Z"
