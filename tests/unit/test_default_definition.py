"""The definition that ships as the default carries what the API's documentation lists."""

from app.settings import DEFAULT_DEFINITION
from schemas.definition import PROFILE, Match, Shape
from schemas.reader import read_definition


def test_the_default_definition_has_the_documented_attributes() -> None:
    attributes = read_definition(DEFAULT_DEFINITION.read_text()).attributes
    assert {attribute.name: attribute.type for attribute in attributes} == {
        "FirstName": "string",
        "LastName": "string",
        "DOB": "date",
        "PhoneNumber": "string",
        "EmailAddress": "string",
        "Title": "string",
        "LastCalledAgent_EmployeeID": "string",
        "LastCalledAgent_TimeStamp": "datetime",
        "PreferredAgent_EmployeeID": "string",
    }
    several = {attribute.name for attribute in attributes if attribute.multi_valued}
    assert several == {"PhoneNumber", "EmailAddress"}
    assert not any(attribute.mandatory for attribute in attributes)


def test_the_default_definition_has_the_documented_extensions() -> None:
    address, phone, vip = read_definition(DEFAULT_DEFINITION.read_text()).extensions
    assert (address.name, address.type, address.unique) == ("Address", Shape.SINGLE, ())
    assert [(each.name, each.type, each.length) for each in address.attributes] == [
        ("Type", "integer", None),
        ("Address", "string", 256),
        ("City", "string", 32),
        ("County", "string", 32),
        ("PostCode", "string", 16),
        ("Country", "string", 64),
    ]
    assert (phone.name, phone.type, phone.unique) == ("Phone", Shape.MULTI, ("PhoneNumber",))
    assert [(each.name, each.type, each.length, each.default) for each in phone.attributes] == [
        ("PhoneType", "integer", None, 0),
        ("prefix", "string", 3, None),
        ("PhoneNumber", "string", 32, None),
        ("description", "string", 256, None),
        ("start_availability", "datetime", None, None),
        ("end_availability", "datetime", None, None),
    ]
    assert (vip.name, vip.type, vip.attributes) == ("Vip", Shape.CLASSIFIER, ())


def test_the_default_definition_has_the_documented_keys() -> None:
    keys = read_definition(DEFAULT_DEFINITION.read_text()).keys
    assert [(key.name, key.source, key.attributes) for key in keys] == [
        ("email", PROFILE, ("EmailAddress",)),
        ("phone", PROFILE, ("PhoneNumber",)),
        ("name_birth", PROFILE, ("LastName", "FirstName", "DOB")),
        ("ext_phone", "Phone", ("PhoneNumber",)),
    ]
    assert not any(key.unique or key.build for key in keys)
    assert {key.match for key in keys} == {Match.EXACT}
