"""A tenant's definition, in the JSON values of the metadata API."""

from copy import deepcopy
from typing import Any

from tests.oracle.answers import Refused

Part = dict[str, Any]


def _part(name: str, kind: str, **members: Any) -> Part:
    return {"name": name, "type": kind, **members}


CORE: list[Part] = [
    _part("FirstName", "string"),
    _part("LastName", "string"),
    _part("DOB", "date"),
    _part("PhoneNumber", "string", multi_valued=True),
    _part("EmailAddress", "string", multi_valued=True),
    _part("Title", "string"),
    _part("LastCalledAgent_EmployeeID", "string"),
    _part("LastCalledAgent_TimeStamp", "datetime"),
    _part("PreferredAgent_EmployeeID", "string"),
]
ADDRESS = _part(
    "Address",
    "single-valued",
    attributes=[
        _part("Type", "integer"),
        _part("Address", "string", length=256),
        _part("City", "string", length=32),
        _part("County", "string", length=32),
        _part("PostCode", "string", length=16),
        _part("Country", "string", length=64),
    ],
)
PHONE = _part(
    "Phone",
    "multi-valued",
    attributes=[
        _part("PhoneType", "integer", default=0),
        _part("prefix", "string", length=3),
        _part("PhoneNumber", "string", length=32),
        _part("description", "string", length=256),
        _part("start_availability", "datetime"),
        _part("end_availability", "datetime"),
    ],
    unique=["PhoneNumber"],
)
VIP = _part("Vip", "classifier")


def _key(name: str, attributes: list[str], source: str = "profile", **members: Any) -> Part:
    return {
        "name": name,
        "source": source,
        "attributes": attributes,
        "unique": False,
        **members,
    }


SHIPPED_KEYS = [
    _key("email", ["EmailAddress"]),
    _key("phone", ["PhoneNumber"]),
    _key("name_birth", ["LastName", "FirstName", "DOB"]),
    _key("ext_phone", ["ext.PhoneNumber"], "Phone"),
]
MORE_KEYS = [
    _key("title", ["Title"], match="casefold"),
    _key("agent", ["PreferredAgent_EmployeeID"], unique=True),
]


class Definition:
    """What a profile holds and what it is found by. ``building``: keys not yet complete."""

    def __init__(self) -> None:
        self.attributes = deepcopy(CORE)
        self.extensions = deepcopy([ADDRESS, PHONE, VIP])
        self.keys = deepcopy(SHIPPED_KEYS + MORE_KEYS)
        self.building: set[str] = set()

    @property
    def names(self) -> list[str]:
        """Those of the extensions."""
        return [each["name"] for each in self.extensions]

    def extension(self, name: str) -> Part | None:
        return _called(name, self.extensions)

    def defined(self, name: str) -> Part:
        """The extension called ``name`` in a path."""
        found = self.extension(name)
        if found is None:
            raise Refused(404, "extension_not_defined")
        return found

    def asked(self, extensions: str | None) -> list[str]:
        """The extensions that the parameter of this name asks for."""
        if extensions is None:
            return []
        if extensions == "*":
            return self.names
        found = [self.extension(name) for name in extensions.split(",")]
        if None in found:
            raise Refused(400, "invalid_request")
        return [each["name"] for each in found if each]

    def key(self, name: str) -> Part | None:
        return _called(name, self.keys)

    def attributes_of(self, source: str) -> list[Part]:
        """The attributes of an extension, or the core ones of ``profile``."""
        if source == "profile":
            return self.attributes
        found = self.extension(source)
        return found.get("attributes", []) if found else []

    def attribute(self, source: str, name: str) -> Part | None:
        """An attribute, spelled as it is defined."""
        return next((each for each in self.attributes_of(source) if each["name"] == name), None)


def attributes_of(key: Part) -> list[str]:
    """The names that a key is made of, without a prefix."""
    return [name.removeprefix("ext.") for name in key["attributes"]]


def _called(name: str, parts: list[Part]) -> Part | None:
    return next((each for each in parts if each["name"].lower() == name.lower()), None)
