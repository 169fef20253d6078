"""The lexer: tokens, statements and names are found where PostgreSQL finds them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mizzle import sqltext

PIECES = [
    *"'\"$;()-+*/\\.:,_@<>=!&| \n\r\tabEeuUnNxB019",
    *("--", "/*", "*/", "$$", "$a$", "E'", "U&'", 'U&"', "''", '""', "begin atomic", "case", "end", "é", "名", "\x00"),
    *("create function ", "1.5e3", "1..2", "0x_1f", "::", "'a'\n'b'"),
]

ENCLOSED = ("comment", "string", "quoted")

KINDS = {
    "name": ["a", "_a1$", "größe", "名", "SELECT"],
    "quoted": ['"a b"', '"a""b"', '"a\nb"', 'U&"d\\0061t"', 'u&"a""b"', '""'],
    "string": [
        "'a'",
        "'it''s'",
        "'back\\'",
        "E'it\\'s'",
        "e'\\\\'",
        "U&'\\0061'",
        "B'01'",
        "x'1F'",
        "N'a'",
        "'a'\n'b'",
        "'a' -- why\n  -- and\n 'b'",
        "E'a'\n'\\''",
        "$$a'b$$",
        "$a$ $b$ $$ $a$",
        "$é$x$é$",
    ],
    "comment": ["-- a", "/* a */", "/* a /* b */ c */", "/**/", "--"],
    "number": ["1", "1_000", "1.", ".5", "1.5e-3", "0xFF", "0o17", "0b1_0", "1e5"],
    "parameter": ["$1", "$12"],
    "operator": ["::", "..", ":=", "<=", "=>", "||", "@-", "->>", "-", "!=-"],
    "punctuation": list(",()[].;:"),
    "space": [" ", "\n\t\r\f\v "],
    "other": ["\\", "{", "\x00"],
}

TEXTS = [
    ("1..2", ["1", "..", "2"]),
    ("a$b$c", ["a$b$c"]),
    ("a=-1", ["a", "=", "-", "1"]),
    ("a*-- b\n", ["a", "*", "-- b", "\n"]),
    ("a+/*b*/1", ["a", "+", "/*b*/", "1"]),
    ("a@-1", ["a", "@-", "1"]),
    ("$a b", ["$", "a", " ", "b"]),
    ("'a' 'b'", ["'a'", " ", "'b'"]),
    ("E'a''b\\''c", ["E'a''b\\''", "c"]),
    ("'a'/*\n*/'b'", ["'a'", "/*\n*/", "'b'"]),
    ("x'a'b", ["x'a'", "b"]),
    ("-- a\rb", ["-- a", "\r", "b"]),
]

STATEMENTS = [
    ("", []),
    (" -- only this\n/* and */ ; ;", []),
    ("a", ["a"]),
    ("a;b;", ["a", "b"]),
    ("-- about a\na; -- behind\n/* about b */ b -- end", ["a", "b"]),
    ("a -- in /* it\n b; c", ["a -- in /* it\n b", "c"]),
    ("a ';' \";\" $$;$$ $x$;$x$ (b; c); d", ["a ';' \";\" $$;$$ $x$;$x$ (b; c)", "d"]),
    ("a); b", ["a)", "b"]),
    (
        "create function f() returns int language sql begin atomic select 1; select 2; end; b",
        ["create function f() returns int language sql begin atomic select 1; select 2; end", "b"],
    ),
    (
        "CREATE OR REPLACE PROCEDURE p(x int) BEGIN /* */ ATOMIC SELECT CASE WHEN x > 1 THEN 2 ELSE 3 END; END; b",
        ["CREATE OR REPLACE PROCEDURE p(x int) BEGIN /* */ ATOMIC SELECT CASE WHEN x > 1 THEN 2 ELSE 3 END; END", "b"],
    ),
    (
        'create function f() begin atomic select t.end, t.case as end, "end" from t; end; b',
        ['create function f() begin atomic select t.end, t.case as end, "end" from t; end', "b"],
    ),
    ("begin; a; end; b", ["begin", "a", "end", "b"]),
    ("or or or or begin atomic a; b", ["or or or or begin atomic a", "b"]),
    ("create table begin (a int); b", ["create table begin (a int)", "b"]),
]

RENAMES = [
    ("a + b", {"a": "c"}, "c + b"),
    ('A + "a" + "A" + \'a\' + $$a$$ /* a */ -- a', {"a": "c"}, "c + c + \"A\" + 'a' + $$a$$ /* a */ -- a"),
    ("a.b", {"a": "b", "b": "a"}, "b.a"),
    ("a", {"a": "order"}, '"order"'),
    ('"a""b"', {'a"b': "c d"}, '"c d"'),
    ('U&"\\0061"', {"a": "c"}, "c"),
    ("U&\"!0061\" UESCAPE '!' , 1", {"a": "c"}, "c , 1"),
    ("U&\"!0061\" UESCAPE '!'", {"b": "c"}, "U&\"!0061\" UESCAPE '!'"),
    ('U&"\\d83d\\de00"', {"😀": "c"}, "c"),
    ("É", {"é": "c"}, "É"),
]


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    found = list(sqltext.tokens(text))
    assert "".join(token.text for token in found) == text
    assert [token.offset for token in found] == [sum(len(t.text) for t in found[:i]) for i in range(len(found))]
    assert all(token.closed for token in found[:-1])


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text("""eEuUxa1_0&$'"-/*\\ \n;.é"""))
def test_pieces_are_tokens_with_what_is_between_comments_and_literals_in_one(text: str) -> None:
    assert merged(sqltext.pieces(text)) == merged(sqltext.tokens(text))


def merged(found: Iterable[sqltext.Token]) -> list[tuple[str, str, bool]]:
    """Join what stands between comments, literals and quoted names."""
    runs = groupby(found, lambda token: (token.kind if token.kind in ENCLOSED else "between", token.closed))
    joined: list[tuple[str, str, bool]] = []
    for (kind, closed), run in runs:
        texts = [token.text for token in run]
        joined.extend((kind, text, closed) for text in (texts if kind in ENCLOSED else ["".join(texts)]))
    return joined


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_statements_stand_where_they_say(text: str) -> None:
    for fragment in sqltext.split(text):
        assert text[fragment.offset :].startswith(fragment.sql)
        assert fragment.line == text[: fragment.offset].count("\n") + 1
        assert not sqltext.is_blank(fragment.sql)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_a_token_is_whole_and_of_its_kind(kind: str, text: str) -> None:
    assert [(token.kind, token.text, token.closed) for token in sqltext.tokens(text)] == [(kind, text, True)]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_tokens_end_where_postgresql_ends_them(text: str, expected: list[str]) -> None:
    assert [token.text for token in sqltext.tokens(text)] == expected


@pytest.mark.parametrize("text", ["'a", '"a', "E'a\\'", "E'\\", "$$a", "$a$ $b$", "/* /* */", "U&'a", "''''' "])
def test_what_the_end_cuts_off_is_not_closed(text: str) -> None:
    assert [token.closed for token in sqltext.tokens(text)] == [False]


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statements_are_told_apart(text: str, expected: list[str]) -> None:
    assert [fragment.sql for fragment in sqltext.split(text)] == expected


@pytest.mark.parametrize(("text", "blank"), [("", True), (" -- a\n/* b */", True), (";", False), ("''", False)])
def test_blank_is_comments_and_space(text: str, *, blank: bool) -> None:
    assert sqltext.is_blank(text) is blank


@pytest.mark.parametrize(("text", "renames", "expected"), RENAMES)
def test_names_are_renamed_and_nothing_else(text: str, renames: dict[str, str], expected: str) -> None:
    assert sqltext.rename_identifiers(text, renames) == expected


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_renaming_nothing_changes_nothing(text: str) -> None:
    assert sqltext.rename_identifiers(text, {}) == text


RETURNS = [
    ("a\r\nb", "a\nb"),
    ("'a\r\n\\b''c'", "E'a\\r\n\\\\b''c'"),
    ("E'a\\\\\r\n\\\r'", "E'a\\\\\\r\n\\r'"),
    ("$x$a'b\r\n$x$", "E'a''b\\r\n'"),
    ('"a\r\nb"', 'U&"a\\000d\\000ab"'),
    ("'a\rb'", "'a\rb'"),
    ("-- a\r\n'b'", "-- a\n'b'"),
]


@pytest.mark.parametrize(("text", "expected"), RETURNS)
def test_literals_survive_a_file_that_loses_carriage_returns(text: str, expected: str) -> None:
    assert sqltext.without_returns(text) == expected
