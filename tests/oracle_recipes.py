"""More changes for the oracle: types that change without a rewrite, and tables that others inherit from."""

from __future__ import annotations

from recipes import Recipe


def _typed(old: str, new: str, value: str, *, check: str = "", after: str = "") -> Recipe:
    name = f"{old} to {new}{check}{' ' * bool(after)}{after}"
    return Recipe(
        name,
        _TYPED.format(type=old, check=check, after=after),
        _TYPED.format(type=new, check=check, after=after),
        rows=f"INSERT INTO t SELECT n, '{value}', n FROM generate_series(1, 500) AS n",
    )


def _inherited(name: str, *, a: str = "a integer", **parts: str) -> Recipe:
    plain = {"more": "", "after": ""}
    return Recipe(
        f"{name} of a table that another inherits from",
        _INHERITED.format(**plain, a="a integer"),
        _INHERITED.format(**plain | parts, a=a),
        rows=_INHERITED_ROWS,
    )


_TYPED = "CREATE TABLE t (id integer PRIMARY KEY, a {type}{check}, n integer); {after};"
_INHERITED = """
CREATE TABLE o (id integer PRIMARY KEY);
CREATE TABLE p (id integer PRIMARY KEY, {a}{more});
CREATE TABLE c (extra integer) INHERITS (p);
{after}
"""
_INHERITED_ROWS = """
INSERT INTO o SELECT n FROM generate_series(1, 100) AS n;
INSERT INTO p SELECT n, n FROM generate_series(1, 100) AS n;
INSERT INTO c (id, a) SELECT n, n FROM generate_series(1, 100) AS n;
"""
_INDEX = "CREATE INDEX t_a ON t (a)"

MORE = (
    _typed("varchar(10)", "varchar(20)", "x", after=_INDEX),
    _typed("varchar(10)", "text", "x", after="CREATE INDEX t_lower ON t (lower(a))"),
    _typed("varchar(10)", "varchar(20)", "x", check=" CHECK (a <> 'y')"),
    _typed("varchar(10)", "varchar(20)", "x", after="CREATE INDEX t_part ON t (n) WHERE a <> 'q'"),
    _typed("cidr", "inet", "10.0.0.0/8", after=_INDEX),
    _typed("integer", "oid", "5", after=_INDEX),
    _typed("bit(3)", "bit varying", "101", after=_INDEX),
    _typed("text", 'text COLLATE "C"', "x", after=_INDEX),
    _typed("text", 'text COLLATE "C"', "x"),
    _inherited("index", after="CREATE INDEX p_a ON p (a);"),
    _inherited("unique key", more=", UNIQUE (a)"),
    _inherited("check", more=", CHECK (a > 0)"),
    _inherited("foreign key", a="a integer REFERENCES o"),
    _inherited("NOT NULL", a="a integer NOT NULL"),
    _inherited("type of a column", a="a bigint"),
    _inherited("volatile default", more=", token uuid DEFAULT gen_random_uuid()"),
)
