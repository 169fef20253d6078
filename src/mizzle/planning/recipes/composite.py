"""Composite types."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.composite import Composite
from mizzle.errors import Unsupported
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, finishes
from mizzle.planning.recipes import conversion, defined, domain
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.recipes.swap import swap
from mizzle.planning.steps import Hazard, HazardCode, Statement


def create(composite: Composite) -> list[Operation]:
    """CREATE TYPE … AS (…)."""
    return defined.create(Phase.CREATE_OUTER, composite, definition(composite), _more(composite))


def definition(composite: Composite) -> str:
    """Return CREATE TYPE … AS (…)."""
    listed = ", ".join(f"{names.ident(name)} {type_}" for name, type_ in _attributes(composite).items())
    return f"CREATE TYPE {composite.address.sql} AS ({listed})"


def drop(composite: Composite, context: Context) -> list[Operation]:
    """DROP TYPE, without CASCADE."""
    return defined.drop(Phase.DROP_OUTER, composite, f"DROP TYPE {composite.address.sql}", context)


def in_place(old: Composite, new: Composite, _: Context) -> bool:
    """Say whether attributes only go, or come at the end."""
    before, after = _attributes(old), _attributes(new)
    kept = [name for name in old.attributes if name in after]
    return list(new.attributes[: len(kept)]) == kept and all(before[name] == after[name] for name in kept)


def alter(old: Composite, new: Composite, context: Context) -> list[Operation]:
    """ALTER TYPE … ADD and DROP ATTRIBUTE; else another type takes the place of this one, under what is of it."""
    where = new.address
    if where in context.fates.swapped:
        made = [Statement(definition(new), change=f"alter {where}"), *_more(new)]
        return swap(where, "TYPE", made, context)
    statements = [_dropped(new, name, context) for name in old.attributes if name not in new.attributes]
    for name, type_ in _attributes(new).items():
        if name not in old.attributes:
            statements.append(_on(new, f"ADD ATTRIBUTE {names.ident(name)} {type_}"))
    operations = [alters(Phase.ALTER_TYPE, statements, where)] if statements else []
    kept = {name: text for name, text in old.comments if name in new.attributes}
    told = {**dict.fromkeys(kept), **dict(new.comments)}
    said = [_comment(new, name, text) for name, text in told.items() if kept.get(name) != text]
    operations += [finishes(said, where)] if said else []
    return [*operations, *defined.commented("TYPE", where.sql, old, new)]


def converted(value: str, old: Composite, new: Composite, *, array: bool) -> str:
    """Return what makes of `value`, in SQL, of the old type, one of the new; empty where its text does.

    Raises Unsupported for an array of values whose attributes change their places.
    """
    if old.attributes == new.attributes:
        return ""
    if array:
        raise Unsupported(
            f"cannot change {new.address}: there are arrays of it, and its attributes change their places",
            hint="change it in a hand-written migration: mizzle generate --custom",
            objects=(str(new.address),),
        )
    were, fields = _attributes(old), list[str]()
    for name, type_ in _attributes(new).items():
        plain = were.get(name) == type_ and "." not in type_
        taken = f"({value}).{names.ident(name)}" + ("" if plain else f"::text::{type_}")
        fields.append(taken if name in were else f"NULL::{type_}")
    return f"CASE WHEN {value} IS DISTINCT FROM NULL THEN ROW({', '.join(fields)})::{new.address.sql} END"


def loses(old: Composite, new: Composite) -> bool:
    """Say whether values of the new type hold less than those of the old one: an attribute goes, or is cut."""
    before, after = _attributes(old), _attributes(new)
    return any(name not in after or conversion.cuts(type_, after[name]) for name, type_ in before.items())


def held_in(type_: str, composite: Address, catalog: Catalog) -> bool:
    """Say whether values of a type, in SQL, hold values of the composite type: as such, in an array, or deeper."""
    over = domain.over(type_.removesuffix("[]"), catalog.domains).removesuffix("[]")
    if over == composite.sql:
        return True
    holder = next((each for each in catalog.composites if each.address.sql == over), None)
    return holder is not None and any(held_in(each, composite, catalog) for each in holder.types)


def _attributes(composite: Composite) -> dict[str, str]:
    return dict(zip(composite.attributes, composite.types, strict=True))


def _dropped(composite: Composite, name: str, context: Context) -> Statement:
    where = composite.address
    used = any(held_in(column.type, where, context.old) for table in context.old.tables for column in table.columns)
    subject = Address("attribute", (*where.names, name))
    hazard = Hazard(HazardCode.DELETES_DATA, str(subject), f"drops attribute {name} of {where} with its values")
    sql = f"ALTER TYPE {where.sql} DROP ATTRIBUTE {names.ident(name)}"
    return Statement(sql, hazards=(hazard,) if used else (), change=f"alter {where}")


def _more(composite: Composite) -> list[Statement]:
    return [
        *created("TYPE", composite.address.sql, composite.comment),
        *(_comment(composite, name, text) for name, text in composite.comments),
    ]


def _on(composite: Composite, action: str) -> Statement:
    return Statement(f"ALTER TYPE {composite.address.sql} {action}", change=f"alter {composite.address}")


def _comment(composite: Composite, name: str, text: str | None) -> Statement:
    return comment("COLUMN", names.dotted(composite.schema, composite.name, name), text)
