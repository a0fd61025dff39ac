"""YAML text to the plain values of a definition, and back."""

from collections import Counter
from typing import Any

import yaml

from schemas.document import Number, json_number
from schemas.faults import Fault, Invalid


def parse_yaml(text: str) -> Any:
    """The value that the YAML ``text`` describes.

    :raises Invalid: it is no YAML that can be used here.
    """
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        where = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Invalid([Fault("", f"is not valid YAML{where}: {error.problem}")]) from None
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError):
        raise Invalid([Fault("", "is not valid YAML: a part of it cannot be read")]) from None


class Loader(yaml.SafeLoader):
    """YAML of plain values, without repeated keys; decimals and moments keep their text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(str(self.construct_object(key, deep=True)) for key, _ in node.value)
        for key, count in keys.items():
            if count > 1:
                problem = f"{key!r} is given more than once"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | Number | str:
    """A number as in JSON; YAML's other forms of numbers stay text, and are told as such."""
    text = str(loader.construct_scalar(node))
    number = json_number(text)
    return text if number is None else number


def _as_written(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def dump_yaml(value: Any) -> str:
    """The YAML text of plain values, a line for each innermost list or object."""
    return yaml.dump(
        value,
        Dumper=Dumper,
        default_flow_style=None,
        allow_unicode=True,
        sort_keys=False,
        width=95,
    )


class Dumper(yaml.SafeDumper):
    """YAML that `parse_yaml` reads back as it was; equal values are written each time."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _as_read(dumper: yaml.SafeDumper, number: Number) -> yaml.ScalarNode:
    kind = "float" if set(number.text) & set(".eE") else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", number.text)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Unquoted, these would be read as line breaks."""
    breaks = not {"\x85", "\u2028", "\u2029"}.isdisjoint(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if breaks else None)


Dumper.add_representer(Number, _as_read)
Dumper.add_representer(str, _text)
Loader.add_constructor("tag:yaml.org,2002:int", _number)
Loader.add_constructor("tag:yaml.org,2002:float", _number)
Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)
