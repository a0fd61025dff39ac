"""The definition file that the service is started with."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.definition import load_definition
from app.settings import Settings, WrongSetting, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a definition file of their own, not written yet."""
    return replace(read_settings(), definition=tmp_path / "definition.yaml")


def refusal(settings: Settings) -> str:
    with pytest.raises(WrongSetting) as caught:
        load_definition(settings)
    return str(caught.value)


def test_the_default_definition_can_be_used() -> None:
    assert [each.name for each in load_definition(read_settings()).extensions] == [
        "Address",
        "Phone",
        "Vip",
    ]


def test_a_definition_of_ones_own_is_used(settings: Settings) -> None:
    settings.definition.write_text("attributes: [{name: Size, type: double}]")
    (attribute,) = load_definition(settings).attributes
    assert (attribute.name, attribute.type) == ("Size", "double")


def test_a_missing_file_is_told_with_its_variable(settings: Settings) -> None:
    assert refusal(settings).startswith(
        f"PROFILES_DEFINITION={settings.definition} cannot be read: "
    )


def test_a_folder_is_told_with_its_variable(settings: Settings) -> None:
    settings.definition.mkdir()
    assert refusal(settings).startswith(f"PROFILES_DEFINITION={settings.definition} cannot be")


def test_text_that_is_not_utf_8_is_told_with_its_variable(settings: Settings) -> None:
    settings.definition.write_bytes("attributes: [] # Größe".encode("latin-1"))
    assert refusal(settings).startswith(f"PROFILES_DEFINITION={settings.definition} cannot be")


def test_every_fault_of_a_definition_is_told_on_a_line_of_its_own(settings: Settings) -> None:
    settings.definition.write_text("attributes: [{name: NO, type: text}]\nkeys: []")
    first, *others = refusal(settings).splitlines()
    assert first == f"Mend PROFILES_DEFINITION={settings.definition}:"
    assert [line.partition(": ")[0] for line in others] == [
        "  /attributes/0/name",
        "  /attributes/0/type",
        "  /keys",
    ]


def test_a_definition_that_is_no_yaml_is_told_as_a_whole(settings: Settings) -> None:
    settings.definition.write_text("attributes: [")
    assert "\n  (document): is not valid YAML at line 1: " in refusal(settings)
