"""Definitions as YAML: what the text may be, and what YAML 1.1 makes of words."""

import pytest

from schemas.document import Number, dump
from schemas.reader import QUOTE_HINT, read_definition
from tests.unit.told import told

NO_STRING = "must be a string"
NO_OBJECT = "must be an object"


def yaml_attribute(member: str) -> str:
    """A definition of one attribute, in which ``member`` is written as it is."""
    known = {"name": "name: A", "type": "type: string"}
    members = known | {member.partition(":")[0]: member}
    return f"attributes: [{{{', '.join(members.values())}}}]"


@pytest.mark.parametrize(
    "member",
    [
        "name: NO",
        "name: 5",
        "name: 1.10",
        "type: on",
        "description: yes",
        "default: NO",
        "default: off",
        "default: 5",
        "default: 1.10",
    ],
)
def test_a_word_that_yaml_reads_as_another_type_is_told_with_a_hint(member: str) -> None:
    faults = told(lambda: read_definition(yaml_attribute(member)))
    assert faults == [("/attributes/0/" + member.partition(":")[0], NO_STRING + QUOTE_HINT)]


def test_such_a_word_in_a_list_of_names_is_told_with_a_hint() -> None:
    text = "{attributes: [], extensions: [{name: E, type: multi-valued, unique: [on]}]}"
    faults = told(lambda: read_definition(text))
    assert faults == [("/extensions/0/unique/0", NO_STRING + QUOTE_HINT)]


@pytest.mark.parametrize("word", ['"NO"', "'on'", '"1.10"', "2020-01-01", "2020-01-01T10:00"])
def test_a_quoted_word_and_a_moment_are_strings(word: str) -> None:
    definition = read_definition(yaml_attribute(f"default: {word}"))
    assert definition.attributes[0].default == word.strip("'\"")


@pytest.mark.parametrize("word", ["010", "0x1F", "0b_", "1_000", "12:30", "+5", "!!int x"])
def test_a_number_that_only_yaml_knows_is_a_string(word: str) -> None:
    definition = read_definition(yaml_attribute(f"default: {word}"))
    assert definition.attributes[0].default == word.removeprefix("!!int ")


@pytest.mark.parametrize("digits", [19, 20, 23, 38])
def test_a_long_whole_number_is_kept_as_written(digits: int) -> None:
    text = "9" * digits
    definition = read_definition(f"attributes: [{{name: A, type: currency, default: {text}}}]")
    assert dump(definition.attributes[0].default).decode() == text


@pytest.mark.parametrize("key", ["NO", "5", "1.5", "~", "2020-01-01"])
def test_a_key_that_is_no_word_is_not_known(key: str) -> None:
    text = f"attributes: [{{name: A, type: string, {key}: x}}]"
    ((pointer, message),) = told(lambda: read_definition(text))
    assert pointer.startswith("/attributes/0/")
    assert message.startswith("is not known here")


@pytest.mark.parametrize("text", ["1.10", "-0.5", "1.0e+2"])
def test_a_decimal_keeps_its_text(text: str) -> None:
    definition = read_definition(f"attributes: [{{name: A, type: double, default: {text}}}]")
    assert definition.attributes[0].default == Number(text)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1_0.5", "+1.5", "1:30.5"])
def test_a_decimal_that_only_yaml_knows_is_refused(text: str) -> None:
    faults = told(
        lambda: read_definition(f"attributes: [{{name: A, type: double, default: {text}}}]")
    )
    assert faults == [("/attributes/0/default", "must be a number")]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("attributes: []\nattributes: []\n", 1, "attributes"),
        ("attributes:\n  - {name: A, type: string, name: B}\n", 2, "name"),
        ("attributes:\n  - {name: A, 'name': B}\n", 2, "name"),
        ("extensions:\n  - name: E\n    attributes:\n      - {type: a, type: b}\n", 4, "type"),
    ],
)
def test_a_repeated_key_is_refused_with_its_line(text: str, line: int, key: str) -> None:
    message = f"is not valid YAML at line {line}: {key!r} is given more than once"
    assert told(lambda: read_definition(text)) == [("", message)]


@pytest.mark.parametrize(
    "text",
    [
        "attributes: [",
        "attributes: [}",
        "a: b: c",
        "\tattributes: []",
        "*unknown",
        "--- {}\n--- {}",
        "? [a]\n: 1",
        "!!python/object/apply:os.getcwd []",
        "!local {}",
        "a\0b",
        "\ud800",
    ],
)
def test_text_that_is_no_usable_yaml_is_refused(text: str) -> None:
    (pointer, message), *others = told(lambda: read_definition(text))
    assert pointer == ""
    assert message.startswith("is not valid YAML")
    assert others == []


@pytest.mark.parametrize(
    "text",
    [
        yaml_attribute("default: !!bool x"),
        f"attributes: [{{name: A, type: integer, default: {'1' * 5000}}}]",
        f"attributes: [{{name: A, type: double, default: {'1' * 400}}}]",
        "[" * 5000,
    ],
    ids=["!!bool", "5000 digits", "400 digits", "5000 levels"],
)
def test_a_scalar_or_a_depth_that_cannot_be_read_is_refused_with_a_fault(text: str) -> None:
    assert len(told(lambda: read_definition(text))) == 1


@pytest.mark.parametrize("text", ["", "# nothing", "[]", "just words", "5"])
def test_yaml_of_another_shape_is_refused(text: str) -> None:
    assert told(lambda: read_definition(text)) == [("", NO_OBJECT)]
