"""CQL text to single statements."""

import pytest

from app.dao.cassandra.migrations.cql import UnfinishedText, statements


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n ", []),
        (";", []),
        (";;\n;", []),
        ("A", ["A"]),
        ("A;", ["A"]),
        ("A;B", ["A", "B"]),
        (" A ;\n\n B ;\n", ["A", "B"]),
        ("A;;B;", ["A", "B"]),
        ("A\n  b = 1\n;", ["A\n  b = 1"]),
        ("a - b / c $ d", ["a - b / c $ d"]),
        ("a ${b};", ["a ${b}"]),
        ("{'a': 'b'};", ["{'a': 'b'}"]),
    ],
)
def test_statements_end_at_a_semicolon_or_the_end(text: str, found: list[str]) -> None:
    assert statements(text) == found


@pytest.mark.parametrize(
    "quoted",
    [
        "'a;b'",
        "''",
        "''''",
        "'it''s; here'",
        "'-- no comment'",
        "'/* no comment */'",
        "'// no comment'",
        "'a\nb;'",
        "'\"'",
        "'$$'",
        '"a;b"',
        '"a"";""b"',
        '"it\'s;"',
        '"--"',
        "$$ return a; $$",
        '$$ it\'s "quoted"; -- kept \n /* kept */ $$',
        "$$$$",
        "$$ a $ b; $$",
    ],
)
def test_quoted_text_is_kept_as_it_is(quoted: str) -> None:
    assert statements(f"A {quoted} B; C") == [f"A {quoted} B", "C"]


@pytest.mark.parametrize(
    "comment",
    [
        "-- a; b\n",
        "// a; b\n",
        "--\n",
        "-- it's \" and $$\n",
        "// /* not opened\n",
        "/* a; b */",
        "/* a;\n b */",
        "/**/",
        "/* it's \" and $$ */",
        "/* -- */",
        "/* /* */",
        "/***/",
    ],
)
def test_a_comment_is_left_out_and_parts_words(comment: str) -> None:
    parted = [" ".join(statement.split()) for statement in statements(f"A{comment}B; C")]
    assert parted == ["A B", "C"]


@pytest.mark.parametrize("comment", ["-- end", "// end", "/* end */", "--", "//"])
def test_a_comment_may_be_the_end_of_the_text(comment: str) -> None:
    assert statements(f"A; {comment}") == ["A"]
    assert statements(f"A {comment}") == ["A"]
    assert statements(comment) == []


@pytest.mark.parametrize(
    ("text", "opened", "line"),
    [
        ("'", "'", 1),
        ("A;\nB 'c;\nD", "'", 2),
        ("A 'b''", "'", 1),
        ('A "b', '"', 1),
        ("A;\n\n$$ b $ c", "$$", 3),
        ("/* a", "/*", 1),
        ("A\n/*/", "/*", 2),
        ("A 'b' /* 'c'", "/*", 1),
    ],
)
def test_what_is_not_closed_is_told_with_its_line(text: str, opened: str, line: int) -> None:
    with pytest.raises(UnfinishedText) as caught:
        statements(text)
    assert str(caught.value) == f"{opened} in line {line} is not closed"
