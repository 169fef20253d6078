"""What the writer of models is made of: English words, names in Python, code laid out."""

from __future__ import annotations

import ast

import pytest

from mizzle.declaring import words
from mizzle.declaring.layout import Text, call, lines, listed, mapping, quoted, texts
from mizzle.declaring.parts import sql


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("users", "user"),
        ("addresses", "address"),
        ("categories", "category"),
        ("boxes", "box"),
        ("statuses", "status"),
        ("houses", "house"),
        ("analyses", "analysis"),
        ("databases", "database"),
        ("people", "person"),
        ("order_lines", "order_line"),
        ("staff", "staff"),
        ("topics", "topic"),
        ("BlogPeople", "BlogPerson"),
        ("series", "series"),
    ],
)
def test_one_and_many(many: str, one: str) -> None:
    assert words.singular(many) == one
    assert words.plural(one) == many
    assert words.plural(many) == many


@pytest.mark.parametrize("word", ["status", "address", "news", "bus", "canvas", "analysis", "as", "demographics"])
def test_what_is_one_stays(word: str) -> None:
    assert words.singular(word) == word
    assert words.plural("demographics") == "demographics"


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("order_items", "OrderItem"),
        ("AlbumArtists", "AlbumArtist"),
        ("USERS", "User"),
        ("2fa_codes", "T2faCode"),
        ("a b-c.d", "ABCD"),
        ("---", "Unnamed"),
        ("none", "None_"),
    ],
)
def test_names_of_classes(table: str, name: str) -> None:
    assert words.class_name(table) == name


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("id", "id"),
        ("FirstName", "FirstName"),
        ("class", "class_"),
        ("metadata", "metadata_"),
        ("int", "int_"),
        ("1st", "_1st"),
        ("a b", "a_b"),
        ("__x", "column__x"),
        ("_sa_x", "column_sa_x"),
        ("?", "column"),
        ("größe", "größe"),
    ],
)
def test_names_of_attributes(column: str, name: str) -> None:
    assert words.attribute(column) == name


@pytest.mark.parametrize(
    ("label", "name"),
    [("in progress", "IN_PROGRESS"), ("1st", "N1ST"), ("+", "PLUS"), ("", "EMPTY"), ("mro", "MRO_"), ("_x", "X")],
)
def test_names_of_labels(label: str, name: str) -> None:
    assert words.member(label) == name


@pytest.mark.parametrize("value", ["", "it's", 'a"b', "a\"b'c", "a\nb\\c", "é\x00", "x" * 300, "word " * 60])
def test_a_literal_is_what_it_says(value: str) -> None:
    assert ast.literal_eval(quoted(value)) == value
    written = "\n".join(lines(call("f", Text(value), name=Text(value))))
    called = ast.parse(written, mode="eval").body
    assert isinstance(called, ast.Call)
    assert [ast.literal_eval(each) for each in (called.args[0], called.keywords[0].value)] == [value, value]


def test_what_fits_stays_on_a_line() -> None:
    code = call("f", listed(texts("ab")), options=mapping([(Text("a"), "1")]), gone=None)
    assert list(lines(code, before="x = ")) == ['x = f(["a", "b"], options={"a": 1})']


def test_what_does_not_has_an_argument_on_each() -> None:
    assert list(lines(call("f", "a" * 50, Text("b" * 50)), before="x = ")) == [
        "x = f(",
        f"    {'a' * 50},",
        f'    "{"b" * 50}",',
        ")",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'12:30'::time", "'12:30'::time"),
        ("' :x'", "' \\:x'"),
        (":x", "\\:x"),
        ("a[1:2]", "a[1:2]"),
        ("'::y'", "'::y'"),
    ],
)
def test_a_colon_is_none_of_a_parameter(text: str, said: str) -> None:
    """What SQLAlchemy would take for a parameter is told apart; it leaves all else, and takes the mark out again."""
    assert sql(text).value == said
