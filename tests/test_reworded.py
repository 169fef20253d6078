"""Names of arguments that older majors print without quotes."""

from __future__ import annotations

import pytest

from mizzle.server.reworded import quoted_arguments


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("(json json, b json DEFAULT '1'::json) RETURNS a", "(\"json\" json, b json DEFAULT '1'::json) RETURNS a"),
        ("(json, json[], VARIADIC json_value json[])", '(json, json[], VARIADIC "json_value" json[])'),
        ("(a numeric(1,2), OUT json public.json)", '(a numeric(1,2), OUT "json" public.json)'),
        ("() RETURNS TABLE(json json)\n AS x", '() RETURNS TABLE("json" json)\n AS x'),
        ("json json ORDER BY json_table text", '"json" json ORDER BY "json_table" text'),
    ],
)
def test_an_argument_is_quoted_whose_name_has_become_a_keyword(printed: str, read: str) -> None:
    assert quoted_arguments(printed) == read
