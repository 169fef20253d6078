"""A renamed column half way: both names are there, a trigger keeps them alike, and a backfill fills the old rows.

The trigger takes, of a new row, whichever is given; of a changed one, whichever was changed, or there at all: what the
backfill has not come to yet. A value of one type
becomes one of the other as PL/pgSQL assigns it: by PostgreSQL's cast, else by its text.
"""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Dependency
from mizzle.catalog.routine import Routine
from mizzle.catalog.table import Table
from mizzle.catalog.trigger import Trigger
from mizzle.planning.halfway.asked import Pair
from mizzle.planning.recipes.cast import base_type, converted
from mizzle.planning.steps import Backfill, Lock, Statement, Step

_UNEQUAL = frozenset({"json", "xml", "point", "polygon", "path", "lseg", "box", "line", "circle"})
"""Types whose values PostgreSQL cannot compare, or compares otherwise than as what they are."""


def is_synchronized(pair: Pair) -> bool:
    """Say whether a trigger keeps the columns alike: what is computed is so by itself."""
    return pair.new.generated is None


def function(pair: Pair) -> Routine:
    """Return the trigger's function."""
    new, old = (f"NEW.{names.ident(each)}" for each in (pair.new.name, pair.old.name))
    before, was = (f"OLD.{names.ident(each)}" for each in (pair.new.name, pair.old.name))
    text, text_of_old = _text(pair.new.type), _text(pair.old.type)
    body = f"""()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF {new} IS NULL THEN
      {new} := {old};
    ELSE
      {old} := {new};
    END IF;
  ELSIF {new}{text} IS DISTINCT FROM {before}{text} THEN
    {old} := {new};
  ELSIF {old}{text_of_old} IS DISTINCT FROM {was}{text_of_old} OR {new} IS NULL THEN
    {new} := {old};
  ELSE
    {old} := {new};
  END IF;
  RETURN NEW;
END
$function$"""
    return Routine("function", pair.table.schema, _name(pair), "", "", "trigger", 0, body)


def trigger(pair: Pair) -> Trigger:
    """Return the trigger."""
    calls = names.dotted(pair.table.schema, _name(pair))
    told = f"BEFORE INSERT OR UPDATE ON {pair.table.address.sql} FOR EACH ROW EXECUTE FUNCTION {calls}()"
    return Trigger(pair.table.schema, pair.table.name, _name(pair), told)


def dependencies(pair: Pair) -> tuple[Dependency, ...]:
    """Return what PostgreSQL will record of both."""
    where = trigger(pair).address
    return (Dependency(where, function(pair).address), Dependency(where, pair.table.address))


def backfill(pair: Pair, *, table: Table, back: bool, enums: frozenset[str]) -> Step:
    """Return what gives the rows that are there the new column's value, or (`back`) the old column's.

    `table` is the one that it runs on: its key is what the backfill goes by; without one it is one statement.
    """
    source, target = (pair.new, pair.old) if back else (pair.old, pair.new)
    name, to = names.ident(source.name), names.ident(target.name)
    value = converted(source.name, source.type, target.type, enums=enums) or name
    same = base_type(source.type) == base_type(target.type)
    differs = (
        f"{to}{_text(target.type)} IS DISTINCT FROM {name}{_text(source.type)}"
        if same
        else f"{to} IS NULL AND {name} IS NOT NULL"
    )
    where = table.address.sql
    return filling(table, f"UPDATE {where} SET {to} = {value} WHERE {differs}", of=pair.address)


def filling(table: Table, sql: str, *, of: Address) -> Step:
    """Return an UPDATE of a table as a backfill by its key; without a key, as one statement."""
    statement = Statement(sql, lock=Lock.ROW_EXCLUSIVE, relation=table.address.sql, change=f"alter {of}")
    key = _key(table)
    if not key:
        return Step(f"{sql};", statements=(statement,))
    return Step(sql, transaction=False, backfill=Backfill((table.schema, table.name), key), statements=(statement,))


def _key(table: Table) -> tuple[str, ...]:
    """Return the columns of a unique key of a table without NULLs; none where it has none, or is above others."""
    if table.primary_key is not None:
        return table.primary_key.columns
    nullable = {column.name for column in table.columns if column.nullable}
    return next((each.columns for each in table.uniques if not nullable & {*each.columns}), ())


def _text(type_: str) -> str:
    """Return what makes a value comparable."""
    return "::text" if base_type(type_).removesuffix("[]") in _UNEQUAL else ""


def _name(pair: Pair) -> str:
    return names.default_name(pair.table.name, (pair.old.name, pair.new.name), "sync")
