"""The notation of the exchanges, read into values.

A file is a sequence of paragraphs, each one request and the answer to it::

    # the row of the contract that it shows, always there
    @wait
    > PUT /profiles/bruce?x=1
    > If-Match: "${first}"
    > {"FirstName": "Bruce"}
    < 200
    < ETag: "<tag second>"
    < {"customer_id": "bruce"}

- The body is what follows the headers. ``> Name:`` sends the request without that header,
  ``< Name:`` says that the answer must not have it. An answer without a body is an empty one.
- ``< 404 profile_not_found`` is a problem with that code. Its body is what ``errors`` lists, or
  an object of the members beside the usual five. A ``message`` that is not given is any text.
- ``<tag second>`` is a value by its pattern, called "second" from here on: see `matching`.
  ``${second}`` is that value; ``${tenant}``, ``${other}``: two tenants that are new,
  ``${fresh}``: an id that nobody has.
- ``@wait``: the request is repeated until this is the answer. ``@latin-1``: the body is sent in
  that encoding. ``@setting NAME VALUE``: from here on the service has this setting. ``@jobs``:
  from here on it does its background jobs.
- A paragraph of comments alone is a heading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DIRECTIVES = re.compile(r"wait|latin-1|jobs|setting \w+ \S+")

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?: (.*))?")


class WrongNotation(Exception):
    """A file of exchanges cannot be read."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer: its first line, its headers, and its body if there is one."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; ``place`` is where they are written."""

    place: str
    about: str
    directives: tuple[str, ...]
    request: Message
    answer: Message

    @property
    def settings(self) -> dict[str, str]:
        """The settings that change from here on."""
        words = [each.split() for each in self.directives if each.startswith("setting ")]
        return {name: value for _, name, value in words}

    @property
    def status(self) -> int:
        return int(self.answer.first.split()[0])

    @property
    def code(self) -> str:
        """That of a problem, empty where the answer is none."""
        return self.answer.first.partition(" ")[2]


def read_exchanges(file: Path) -> list[Exchange]:
    """The exchanges of ``file``, in order.

    :raises WrongNotation: with the place of the first fault.
    """
    return [
        _exchange(f"{file.name}:{number}", lines)
        for number, lines in _paragraphs(file.read_text())
        if any(not line.startswith("#") for line in lines)
    ]


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines between empty ones, with the number of the first of them."""
    lines: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line:
            lines.append(line)
        elif lines:
            yield number - len(lines), lines
            lines = []


def _exchange(place: str, lines: list[str]) -> Exchange:
    parts = {mark: [line[1:].strip() for line in lines if line[0] == mark] for mark in "#@><"}
    if [line[0] for line in lines] != [mark for mark in parts for _ in parts[mark]]:
        raise WrongNotation(f"{place}: lines of another mark, or in another order")
    if not all(parts[mark] for mark in "#><"):
        raise WrongNotation(f"{place}: comment, request and answer are needed")
    if wrong := [each for each in parts["@"] if not DIRECTIVES.fullmatch(each)]:
        raise WrongNotation(f"{place}: no directive: {wrong}")
    return Exchange(
        place=place,
        about=" ".join(parts["#"]),
        directives=tuple(parts["@"]),
        request=_message(parts[">"]),
        answer=_message(parts["<"]),
    )


def _message(lines: list[str]) -> Message:
    first, *rest = lines
    headers = []
    while rest and (header := _HEADER.fullmatch(rest[0])):
        headers.append((header[1], header[2] or ""))
        rest.pop(0)
    return Message(first, tuple(headers), "\n".join(rest) if rest else None)
