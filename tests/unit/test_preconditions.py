"""Entity tags, and what conditional requests ask for."""

from contextlib import nullcontext
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dao.values import Version
from app.services.errors import PreconditionFailed, WeakTags
from app.services.preconditions import (
    MAX_VERSION,
    UNCONDITIONAL,
    Precondition,
    Tags,
    entity_tag,
    tagged_version,
    unmarked,
)

HEX = "0123456789abcdef0123456789abcdef"
ANY = Tags(any=True)
OURS = Tags(frozenset({"1-a"}))
OTHERS = Tags(frozenset({"1-b", "2-a"}))
BOTH = Tags(frozenset({"1-a", "1-b"}))
NOTHING = Tags()


def test_a_tag_tells_the_number_and_the_write() -> None:
    assert entity_tag(Version(7, UUID(HEX))) == f"7-{HEX}"


@settings(deadline=None, database=None)
@given(st.integers(1, MAX_VERSION), st.uuids())
def test_a_tag_leads_back_to_its_version(number: int, write_id: UUID) -> None:
    version = Version(number, write_id)
    assert tagged_version(entity_tag(version)) == version


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "-",
        "1",
        "1-",
        f"-{HEX}",
        f"0-{HEX}",
        f"-1-{HEX}",
        f"+1-{HEX}",
        f"01-{HEX}",
        f" 1-{HEX}",
        f"1_0-{HEX}",
        f"\u0661-{HEX}",
        f"1.0-{HEX}",
        f"{MAX_VERSION + 1}-{HEX}",
        f"{'1' * 5000}-{HEX}",
        f"1-{HEX.upper()}",
        f"1-{UUID(HEX)}",
        f"1-{{{HEX}}}",
        f"1-{HEX}0",
        f"1-{HEX[1:]}",
        f'"1-{HEX}"',
        "x-y",
    ],
)
def test_any_other_text_is_no_tag(tag: str) -> None:
    assert tagged_version(tag) is None


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "current", "holds"),
    [
        (None, None, "1-a", True),
        (None, None, None, True),
        (ANY, None, "1-a", True),
        (ANY, None, None, False),
        (OURS, None, "1-a", True),
        (BOTH, None, "1-a", True),
        (OTHERS, None, "1-a", False),
        (OURS, None, None, False),
        (NOTHING, None, "1-a", False),
        (None, ANY, "1-a", False),
        (None, ANY, None, True),
        (None, OURS, "1-a", False),
        (None, BOTH, "1-a", False),
        (None, OTHERS, "1-a", True),
        (None, OURS, None, True),
        (None, NOTHING, "1-a", True),
        (OURS, OTHERS, "1-a", True),
        (OURS, OURS, "1-a", False),
        (ANY, ANY, "1-a", False),
        (ANY, ANY, None, False),
    ],
)
def test_a_precondition_holds_as_the_standard_says(
    if_match: Tags | None, if_none_match: Tags | None, current: str | None, holds: bool
) -> None:
    with nullcontext() if holds else pytest.raises(PreconditionFailed):
        Precondition(if_match, if_none_match).check(current)


def test_each_header_can_be_asked_about_alone() -> None:
    precondition = Precondition(if_match=OTHERS, if_none_match=OTHERS)
    with pytest.raises(PreconditionFailed):
        precondition.check_match("1-a")
    assert precondition.has_answer("1-a") is False


MARKED = f"7-{HEX}-0a1b2c3d"


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        (MARKED, f"7-{HEX}"),
        (f"7-{HEX}", f"7-{HEX}"),
        (f"7-{HEX}-0a1b2c3", f"7-{HEX}-0a1b2c3"),
        (f"7-{HEX}-0A1B2C3D", f"7-{HEX}-0A1B2C3D"),
        (f"{MARKED}-0a1b2c3d", f"{MARKED}-0a1b2c3d"),
        ("1-a", "1-a"),
    ],
)
def test_a_mark_is_no_part_of_the_version(tag: str, version: str) -> None:
    assert unmarked(tag) == version


def test_a_write_asks_for_the_version_whatever_its_mark() -> None:
    marked = Tags(frozenset({MARKED}))
    Precondition(if_match=marked).check(f"7-{HEX}")
    assert Precondition(if_match=marked).sole_version == Version(7, UUID(HEX))
    with pytest.raises(PreconditionFailed):
        Precondition(if_none_match=marked).check(f"7-{HEX}")


@pytest.mark.parametrize(
    ("if_none_match", "has"),
    [(None, False), (ANY, True), (Tags(frozenset({MARKED})), True), (OURS, False)],
)
def test_an_answer_is_one_with_the_mark(if_none_match: Tags | None, has: bool) -> None:
    precondition = Precondition(if_none_match=if_none_match)
    assert precondition.has_answer(MARKED) is has
    assert precondition.has_answer(f"7-{HEX}") is (if_none_match is ANY)


def test_of_weak_tags_alone_it_is_told_that_they_are() -> None:
    precondition = Precondition(if_match=Tags(weak_only=True))
    with pytest.raises(WeakTags):
        precondition.check("1-a")


@pytest.mark.parametrize(
    ("precondition", "asks"),
    [
        (UNCONDITIONAL, False),
        (Precondition(if_none_match=ANY), True),
        (Precondition(if_none_match=OURS), False),
        (Precondition(if_match=ANY), False),
    ],
)
def test_only_if_none_match_with_a_star_asks_for_a_new_profile(
    precondition: Precondition, asks: bool
) -> None:
    assert precondition.asks_for_none is asks


def test_one_tag_alone_names_the_sole_version() -> None:
    precondition = Precondition(if_match=Tags(frozenset({f"7-{HEX}"})))
    assert precondition.sole_version == Version(7, UUID(HEX))


@pytest.mark.parametrize(
    "precondition",
    [
        UNCONDITIONAL,
        Precondition(if_match=ANY),
        Precondition(if_match=NOTHING),
        Precondition(if_match=OURS),
        Precondition(if_match=Tags(frozenset({f"7-{HEX}", f"8-{HEX}"}))),
        Precondition(if_match=Tags(frozenset({f"7-{HEX}"})), if_none_match=OTHERS),
        Precondition(if_none_match=Tags(frozenset({f"7-{HEX}"}))),
    ],
)
def test_anything_else_names_no_sole_version(precondition: Precondition) -> None:
    assert precondition.sole_version is None
