"""What an older server prints and a newer one cannot read: names that have become keywords in between."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle.sqltext import tokens

# Keywords that came after 14 and cannot name an argument without quotes, which they could be then: col_name_keyword in
# src/include/parser/kwlist.h of 16 to 18, against param_name in gram.y. Wherever else a name stands, they need none.
_NEWER = frozenset(
    {
        *("json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query"),
        *("json_scalar", "json_serialize", "json_table", "json_value", "merge_action"),
    }
)
_TABLE = " RETURNS TABLE"  # its columns are arguments, too
_BEFORE = frozenset({"(", ",", "IN", "OUT", "INOUT", "VARIADIC", "BY"})
_BEHIND = frozenset({"(", ")", ",", ".", "[", "DEFAULT", "="})


def quoted_arguments(signature: str) -> str:
    """Return the head of a routine with its arguments' names in quotes where a newer PostgreSQL needs them.

    `signature` is a list of arguments, or a definition that begins with one in parentheses; what stands behind that is
    returned as it is.
    """
    return "".join(_quoted(signature))


def _quoted(signature: str) -> Iterator[str]:
    stream = list(tokens(signature))
    depth = 0
    before = ","
    for place, token in enumerate(stream):
        begins = before in _BEFORE and token.kind == "name" and token.text in _NEWER
        behind = next((each.text for each in stream[place + 1 :] if each.significant), ")")
        yield f'"{token.text}"' if begins and depth <= 1 and behind.upper() not in _BEHIND else token.text
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.text == ")":
            rest = signature[token.end :]
            columns = rest.startswith(_TABLE)
            yield _TABLE + quoted_arguments(rest.removeprefix(_TABLE)) if columns else rest
            return
        before = token.text.upper() if token.significant else before
