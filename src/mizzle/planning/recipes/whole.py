"""Kinds of objects of which only the comment is changed in place: anything else is another object of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mizzle import names
from mizzle.catalog.cast import Cast
from mizzle.catalog.collation import Collation
from mizzle.catalog.defined import Defined
from mizzle.catalog.foreign import ForeignServer, ForeignTable, Options, Wrapper
from mizzle.catalog.operator import Operator
from mizzle.catalog.range_type import RangeType
from mizzle.catalog.text_search import Configuration, Dictionary
from mizzle.errors import Unsupported
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.steps import Statement


@dataclass(frozen=True)
class Whole:
    """The recipe of a kind: the words of its DDL, its name in SQL, and what stands behind that in CREATE.

    `signature` is what stands behind the name where the object is not made but named, `more` are statements that belong
    to its making.
    """

    words: str
    name: Callable[[Any], str]
    rest: Callable[[Any], str]
    phase: Phase = Phase.CREATE_OUTER
    signature: Callable[[Any], str] = lambda _: ""
    more: Callable[[Any], list[str]] = lambda _: []

    def create(self, thing: Defined) -> list[Operation]:
        """CREATE."""
        change = f"create {thing.address}"
        more = [Statement(sql, change=change) for sql in self.more(thing)]
        more += created(self.words, self._named(thing), thing.comment)
        return defined.create(self.phase, thing, self.definition(thing), more)

    def definition(self, thing: Defined) -> str:
        """Return the CREATE statement."""
        return f"CREATE {self.words} {self.name(thing)} {self.rest(thing)}"

    def drop(self, thing: Defined, context: Context) -> list[Operation]:
        """DROP, without CASCADE; where it comes back, no column may be in the way."""
        where = thing.address
        users = [d.dependent for d in context.old.dependencies if d.referenced == where]
        kept = [user for user in users if user.kind == "column" and user in context.after]
        if where in context.after and kept:
            raise Unsupported(
                f"cannot change {where}: {kept[0]} is of it",
                hint="make another one and change the column to it, in a hand-written migration: --custom",
                objects=tuple(map(str, (where, *kept))),
            )
        return defined.drop(Phase.DROP_OUTER, thing, f"DROP {self.words} {self._named(thing)}", context)

    def in_place(self, old: Defined, new: Defined, _: Context) -> bool:
        """Say whether only comments differ."""
        return _silent(old) == _silent(new)

    def alter(self, old: Defined, new: Defined, _: Context) -> list[Operation]:
        """COMMENT ON."""
        return defined.commented(self.words, self._named(new), old, new)

    def _named(self, thing: Defined) -> str:
        return self.name(thing) + self.signature(thing)


def _silent(thing: Defined) -> Defined:
    return replace(thing, comment=None)


def _dotted(thing: Any) -> str:
    return names.dotted(thing.schema, thing.name)


def _ident(thing: Any) -> str:
    return names.ident(thing.name)


def _listed(options: tuple[str, ...]) -> str:
    return f"({', '.join(options)})"


def _generic(options: Options) -> str:
    """Return OPTIONS (…) of what is foreign, empty where there are none."""
    listed = ", ".join(f"{names.ident(name)} {names.literal(value)}" for name, value in options)
    return f" OPTIONS ({listed})" if listed else ""


def _dictionary(thing: Dictionary) -> str:
    options = f", {thing.options}" if thing.options else ""
    return f"(TEMPLATE = {thing.template}{options})"


def _mappings(thing: Configuration) -> list[str]:
    head = f"ALTER TEXT SEARCH CONFIGURATION {_dotted(thing)} ADD MAPPING FOR"
    return [f"{head} {names.ident(token)} WITH {dictionaries}" for token, dictionaries in thing.mappings]


def _server(thing: ForeignServer) -> str:
    type_ = f"TYPE {names.literal(thing.type)} " if thing.type is not None else ""
    version = f"VERSION {names.literal(thing.version)} " if thing.version is not None else ""
    return f"{type_}{version}FOREIGN DATA WRAPPER {names.ident(thing.wrapper)}{_generic(thing.options)}"


def _foreign_table(thing: ForeignTable) -> str:
    body = ",\n".join(f"    {line}" for line in (*thing.columns, *thing.checks))
    return f"(\n{body}\n) SERVER {names.ident(thing.server)}{_generic(thing.options)}"


def _column_comments(thing: ForeignTable) -> list[str]:
    named = ((names.dotted(thing.schema, thing.name, name), text) for name, text in thing.comments)
    return [comment("COLUMN", name, text).sql for name, text in named]


RECIPES: Mapping[type[Defined], Whole] = {
    Cast: Whole("CAST", lambda thing: f"({thing.name})", lambda thing: thing.how, Phase.CREATE_ROUTINE),
    Collation: Whole("COLLATION", _dotted, lambda thing: _listed(thing.options)),
    Configuration: Whole(
        "TEXT SEARCH CONFIGURATION", _dotted, lambda thing: f"(PARSER = {thing.parser})", more=_mappings
    ),
    Dictionary: Whole("TEXT SEARCH DICTIONARY", _dotted, _dictionary),
    ForeignServer: Whole("SERVER", _ident, _server),
    ForeignTable: Whole("FOREIGN TABLE", _dotted, _foreign_table, Phase.CREATE_TABLE, more=_column_comments),
    Operator: Whole(
        "OPERATOR",
        lambda thing: f"{names.ident(thing.schema)}.{thing.name}",
        lambda thing: _listed(thing.options),
        Phase.CREATE_ROUTINE,
        lambda thing: f" ({thing.types})",
    ),
    RangeType: Whole("TYPE", _dotted, lambda thing: f"AS RANGE {_listed(thing.options)}"),
    Wrapper: Whole("FOREIGN DATA WRAPPER", _ident, lambda thing: f"{thing.functions}{_generic(thing.options)}"),
}
"""The recipe of each of these kinds."""
