"""CQL text to single statements, by its tokens instead of by every ``;`` in it."""

import re

# A comment, a string ('' inside is a quote), a quoted name, a $$ body, or any character.
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$\$.*?\$\$)"
    r"|(?P<end>;)"
    r"|(?P<open>'|\"|\$\$|/\*)"
    r"|(?P<other>[^'\"$/;-]+|.)",
    re.DOTALL,
)


class UnfinishedText(Exception):
    """A string, a ``$$`` body or a comment is not closed."""


def statements(text: str) -> list[str]:
    """The statements of ``text`` in their order, without comments and closing ``;``.

    :raises UnfinishedText: a quote or a comment in it is not closed.
    """
    found, current = [], ""
    for token in _TOKEN.finditer(text):
        if token["open"]:
            line = text.count("\n", 0, token.start()) + 1
            raise UnfinishedText(f"{token['open']} in line {line} is not closed")
        if token["end"]:
            found.append(current.strip())
            current = ""
        else:
            current += " " if token["comment"] else token[0]
    return [statement for statement in [*found, current.strip()] if statement]
