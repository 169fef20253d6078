"""How objects are referred to: a kind and raw names, printed as `column public.users.name`."""

from __future__ import annotations

from typing import NamedTuple

from mizzle import names

_WITH_ARGUMENTS = frozenset({"aggregate", "function", "operator", "procedure"})
_ABOUT = ("grants on ", "owner of ")
"""How the kinds begin of what is said about another object, under the names of that."""


class Address(NamedTuple):
    """One object of a schema.

    `kind` is a word PostgreSQL uses (schema, extension, type, sequence, table, column, constraint, index, value, or the
    kind of an object that is not managed); `names` its raw names from the outside in: (schema, table, column). The name
    of a function, a procedure, an aggregate or an operator holds the types of its arguments: `one(integer)`.
    """

    kind: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.sql}"

    @property
    def sql(self) -> str:
        """Dotted name as SQL: `public."order".id`."""
        if _subject(self.kind) in _WITH_ARGUMENTS:
            return f"{names.dotted(*self.names[:-1])}.{names.signature(self.name)}"
        return names.dotted(*self.names)

    @property
    def name(self) -> str:
        """Own name, the last part."""
        return self.names[-1]

    @property
    def schema(self) -> str:
        """Raw name of the schema that it is in, or is; empty for what belongs to none, such as an extension."""
        inside = len(self.names) > 1
        return self.names[0] if inside or _subject(self.kind) == "schema" else ""

    @property
    def table(self) -> Address | None:
        """Table that a column or a constraint belongs to; None for what stands on its own."""
        return table(*self.names[:2]) if self.kind in {"column", "constraint"} else None


def parse(text: str) -> Address:
    """Return the address that prints as `text`; the inverse of `str`."""
    about = next((each for each in _ABOUT if text.startswith(each)), "")
    kind, _, rest = text.removeprefix(about).partition(" ")
    if kind in _WITH_ARGUMENTS and not rest.startswith(("class ", "family ")):  # of operators
        return Address(about + kind, names.parse_signed(rest))
    unquoted = text.partition('"')[0]  # names with spaces are quoted: the last space before that ends the kind
    end = unquoted.rindex(" ")
    return Address(text[:end], names.parse(text[end + 1 :]))


def on(about: str, subject: Address) -> Address:
    """Return the address of what is said about an object: `grants on`, `owner of`."""
    return Address(f"{about} {subject.kind}", subject.names)


def _subject(kind: str) -> str:
    return next((kind.removeprefix(each) for each in _ABOUT if kind.startswith(each)), kind)


def schema(name: str) -> Address:
    """Return the address of a schema."""
    return Address("schema", (name,))


def extension(name: str) -> Address:
    """Return the address of an extension."""
    return Address("extension", (name,))


def type_(schema: str, name: str) -> Address:
    """Return the address of a type."""
    return Address("type", (schema, name))


def sequence(schema: str, name: str) -> Address:
    """Return the address of a sequence."""
    return Address("sequence", (schema, name))


def table(schema: str, name: str) -> Address:
    """Return the address of a table."""
    return Address("table", (schema, name))


def column(schema: str, table: str, name: str) -> Address:
    """Return the address of a column."""
    return Address("column", (schema, table, name))


def constraint(schema: str, table: str, name: str) -> Address:
    """Return the address of a constraint."""
    return Address("constraint", (schema, table, name))


def index(schema: str, name: str) -> Address:
    """Return the address of an index."""
    return Address("index", (schema, name))
