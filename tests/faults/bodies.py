"""What the clients write: every value says which write it is of."""

from typing import Any


def email(marker: str) -> str:
    """The address that identify can look a write up by."""
    return f"{marker}@faults.example"


def attributes(marker: str) -> dict[str, Any]:
    """Core attributes, all of them the marker's."""
    names = ("FirstName", "LastName", "Title", "PreferredAgent_EmployeeID")
    return dict.fromkeys(names, marker) | {"EmailAddress": [email(marker)]}


def address(marker: str) -> dict[str, Any]:
    """The extension that has one record."""
    return {"Address": {"Address": marker, "City": marker}}


def phone(number: str, marker: str) -> dict[str, Any]:
    """A record of the extension that has many."""
    return {"PhoneType": 0, "PhoneNumber": number, "description": marker}


def extensions(marker: str) -> dict[str, Any]:
    """All extensions."""
    return {**address(marker), "Phone": [phone(marker, marker)]}
