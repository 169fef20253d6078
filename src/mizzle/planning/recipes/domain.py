"""Domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mizzle import names
from mizzle.catalog.domain import Domain
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters, finishes
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import comment, created
from mizzle.planning.recipes.constraint import NOT_VALID
from mizzle.planning.recipes.swap import swap, uses
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(domain: Domain) -> list[Operation]:
    """CREATE DOMAIN."""
    return defined.create(Phase.CREATE_OUTER, domain, definition(domain), _more(domain))


def definition(domain: Domain) -> str:
    """Return CREATE DOMAIN, with those of its checks that are valid."""
    parts = [f"CREATE DOMAIN {domain.address.sql} AS {domain.type}"]
    if domain.collation is not None:
        parts.append(f"COLLATE {domain.collation}")
    if domain.default is not None:
        parts.append(f"DEFAULT {domain.default}")
    if domain.not_null:
        parts.append("NOT NULL")
    parts += [f"CONSTRAINT {names.ident(name)} {text}" for name, text in domain.checks if not text.endswith(NOT_VALID)]
    return " ".join(parts)


def drop(domain: Domain, context: Context) -> list[Operation]:
    """DROP DOMAIN, without CASCADE."""
    return defined.drop(Phase.DROP_OUTER, domain, f"DROP DOMAIN {domain.address.sql}", context)


def in_place(old: Domain, new: Domain, context: Context) -> bool:
    """Say whether ALTER DOMAIN can: it changes no type, and checks no values inside of arrays and composite types."""
    if (old.type, old.collation) != (new.type, new.collation):
        return False
    demands = (new.not_null and not old.not_null) or any(each not in old.checks for each in new.checks)
    if not demands:
        return True
    where = old.address
    arrays = any(column.type == f"{where.sql}[]" for table in context.old.tables for column in table.columns)
    inside = any(
        where in context.old_needs.get(each.address) for each in (*context.old.composites, *context.old.domains)
    )
    return not (arrays or inside)


def alter(old: Domain, new: Domain, context: Context) -> list[Operation]:
    """ALTER DOMAIN; where it cannot, another domain takes the place of this one, under what is of it."""
    where = new.address
    if where in context.fates.swapped:
        made = [Statement(definition(new), change=f"alter {where}"), *_more(new)]
        return swap(where, "DOMAIN", made, context)
    statements = [*_changes(old, new, context)]
    operations = [alters(Phase.ALTER_TYPE, statements, where)] if statements else []
    told = {**dict.fromkeys(dict(old.comments)), **dict(new.comments)}
    before, after = dict(old.checks), dict(new.checks)
    kept = {name: text for name, text in old.comments if before.get(name) == after.get(name)}
    said = [_comment(new, name, text) for name, text in told.items() if kept.get(name) != text and name in after]
    operations += [finishes(said, where)] if said else []
    return [*operations, *defined.commented("DOMAIN", where.sql, old, new)]


def _changes(old: Domain, new: Domain, context: Context) -> Iterator[Statement]:
    before, after = dict(old.checks), dict(new.checks)
    for name, text in old.checks:
        again = after.get(name)
        if again != text and (again is None or text != again + NOT_VALID):
            yield _on(new, f"DROP CONSTRAINT {names.ident(name)}")
    if old.default != new.default:
        yield _on(new, "DROP DEFAULT" if new.default is None else f"SET DEFAULT {new.default}")
    if old.not_null != new.not_null:
        action = "SET NOT NULL" if new.not_null else "DROP NOT NULL"
        yield _demanding(new, action, context) if new.not_null else _on(new, action)
    for name, text in new.checks:
        was = before.get(name)
        if was == text + NOT_VALID:
            yield _demanding(new, f"VALIDATE CONSTRAINT {names.ident(name)}", context)
        elif was != text:
            action = f"ADD CONSTRAINT {names.ident(name)} {text}"
            yield _on(new, action) if text.endswith(NOT_VALID) else _demanding(new, action, context)


def _more(domain: Domain) -> list[Statement]:
    """Return what CREATE DOMAIN cannot say: checks that are not valid, comments."""
    late = [(name, text) for name, text in domain.checks if text.endswith(NOT_VALID)]
    return [
        *(_on(domain, f"ADD CONSTRAINT {names.ident(name)} {text}") for name, text in late),
        *created("DOMAIN", domain.address.sql, domain.comment),
        *(_comment(domain, name, text) for name, text in domain.comments),
    ]


def _on(domain: Domain, action: str) -> Statement:
    return Statement(f"ALTER DOMAIN {domain.address.sql} {action}", change=f"alter {domain.address}")


def _demanding(domain: Domain, action: str, context: Context) -> Statement:
    """Return a statement that looks at every value of the domain: the tables that hold them are locked."""
    where = domain.address
    tables = [t.address.sql for t in context.old.tables if any(uses(column, where) for column in t.columns)]
    statement = _on(domain, action)
    if not tables:
        return statement
    hazards = (
        Hazard(HazardCode.TABLE_SCAN, str(where), f"reads every row of {', '.join(tables)}: writes wait meanwhile"),
        Hazard(HazardCode.DATA_DEPENDENT, str(where), f"fails if a value in {', '.join(tables)} does not fit {where}"),
    )
    return Statement(
        statement.sql,
        lock=Lock.SHARE,
        relation=tables[0],
        also=tuple(tables[1:]),
        hazards=hazards,
        change=statement.change,
    )


def _comment(domain: Domain, name: str, text: str | None) -> Statement:
    return comment("CONSTRAINT", f"{names.ident(name)} ON DOMAIN {domain.address.sql}", text)


def over(type_: str, domains: Iterable[Domain]) -> str:
    """Return the type, in SQL, that a domain is over in the end; arrays of domains are arrays of that."""
    element = type_.removesuffix("[]")
    found = next((each for each in domains if each.address.sql == element), None)
    if found is None:
        return type_
    base = over(found.type, domains)
    if element == type_:
        return base
    return type_ if base.endswith("[]") else f"{base}[]"
