"""Telephone numbers as they are looked up: one text for all spellings of a number."""

import re

import phonenumbers

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_SEPARATORS = re.compile(r"[\s()\-./]+")


def canonical_phone(text: str, region: str | None = None) -> str:
    """The number in E.164; ``region`` (ISO 3166) is meant where it has no country code.

    Text that is no number for the library is kept, without what only separates digits.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return _SEPARATORS.sub("", text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
