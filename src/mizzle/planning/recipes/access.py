"""Grants, owners and default privileges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import msgspec

from mizzle import names
from mizzle.catalog.access import DefaultPrivileges, Grant, Grants, Owner, usual, usual_for_new
from mizzle.catalog.address import Address, on
from mizzle.catalog.sequence import Sequence
from mizzle.catalog.table import Table
from mizzle.planning import roles
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement

_GRANTED_ON = {
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), "TABLE"),
    **dict.fromkeys(("function", "aggregate"), "FUNCTION"),
    **dict.fromkeys(("type", "domain", "composite type", "range type"), "TYPE"),
}
_OWNED_AS = {
    **dict.fromkeys(("type", "composite type", "range type"), "TYPE"),
    "foreign server": "SERVER",
}
_OPTION = "WITH GRANT OPTION"
_PUBLIC = Address("schema", ("public",))
"""Is in every database, and in no catalog."""

_LOCKED = frozenset({"table", "view", "materialized view", "foreign table", "sequence"})


def settle(subject: Address, context: Context) -> list[Operation]:
    """Return what brings what is granted on an object from what it is then to what is wanted."""
    about = on("grants on", subject)
    wanted = _of(context.after.get(about)) if about in context.after else usual(subject, major=context.major)
    if not (subject in context.after or subject == _PUBLIC or subject in _identities(context.new.tables)):
        return []
    owner = context.after.get(on("owner of", subject))
    spared = {owner.role} if isinstance(owner, Owner) else set[str]()
    statements = list(_statements(_there(subject, context), wanted, subject, spared))
    if not _stays(subject, context):  # nobody had anything yet
        statements = [msgspec.structs.replace(each, hazards=()) for each in statements]
    if not statements:
        return []
    return [_last(statements, about, subject, *_parts(subject, wanted), on("owner of", subject))]


def disown(subject: Address, context: Context) -> list[Operation]:
    """Give an object back to the role that migrates; a sequence that a column owns is its table's."""
    thing = context.after.get(subject)
    kept = thing is not None and not (isinstance(thing, Sequence) and thing.owned_by is not None)
    return own(subject, "CURRENT_USER") if kept else []


def left_alone(context: Context) -> Iterator[Address]:
    """Yield the sequences that a column of another role's table owned, and that are to be nobody else's."""
    if not {"owners"} & {*context.old.also} & {*context.new.also}:
        return
    for each in context.new.sequences:
        where = Address("sequence", (each.schema, each.name))
        was = context.before.get(where)
        owned_by = was.owned_by if isinstance(was, Sequence) else None
        theirs = owned_by is not None and on("owner of", Address("table", owned_by[:2])) in context.before
        if theirs and each.owned_by is None and on("owner of", where) not in context.after:
            yield where


def own(subject: Address, role: str) -> list[Operation]:
    """ALTER … OWNER TO."""
    kind = _OWNED_AS.get(subject.kind, subject.kind.upper())
    statement = Statement(
        f"ALTER {kind} {subject.sql} OWNER TO {role}",
        lock=Lock.ACCESS_EXCLUSIVE if subject.kind in _LOCKED else Lock.NONE,
        relation=subject.sql if subject.kind in _LOCKED else "",
        change=f"owner of {subject}",
        requires=roles.required([role]),
    )
    return [_last([statement], on("owner of", subject), subject)]


def by_default(old: DefaultPrivileges | None, new: DefaultPrivileges | None, context: Context) -> list[Operation]:
    """ALTER DEFAULT PRIVILEGES, from what is there to what is wanted; a schema that goes takes its own along."""
    one = new or old
    assert one is not None
    if new is None and one.schema and context.gone(Address("schema", (one.schema,))) and one.schema != _PUBLIC.name:
        return []
    before, after = (usual_for_new(one) if each is None else each.all for each in (old, new))
    for_role = f" FOR ROLE {one.role}" if one.role else ""
    in_schema = f" IN SCHEMA {names.ident(one.schema)}" if one.schema else ""
    prefix = f"ALTER DEFAULT PRIVILEGES{for_role}{in_schema} "
    where, named = one.address, [one.role] if one.role else []
    statements = [
        Statement(prefix + sql, change=f"{where}", requires=roles.required([role, *named]))
        for role, sql, _ in _changes(before, after, one.objects.upper())
    ]
    needed = [Address("schema", (one.schema,))] if one.schema else []
    return [_last(statements, where, *needed)] if statements else []


def _last(statements: list[Statement], where: Address, *after: Address) -> Operation:
    return Operation(Phase.FINISH, tuple(statements), makes=frozenset({where}), follows=frozenset(after))


def _statements(
    before: Iterable[Grant], after: Iterable[Grant], subject: Address, spared: Collection[str]
) -> Iterator[Statement]:
    kind = _GRANTED_ON.get(subject.kind, subject.kind.upper())
    for role, sql, revokes in _changes(before, after, f"{kind} {subject.sql}"):
        if not (revokes and role in spared):
            hazard = Hazard(HazardCode.BREAKS_OLD_CODE, str(subject), f"takes privileges on {subject} from {role}")
            yield Statement(
                sql,
                change=f"grants on {subject}",
                hazards=(hazard,) if revokes else (),
                requires=roles.required([role]),
            )


def _changes(before: Iterable[Grant], after: Iterable[Grant], what: str) -> Iterator[tuple[str, str, bool]]:
    """Yield role, statement and whether it takes something, for all that must be taken, then given."""
    old, new = set(before), set(after)
    option_only = {grant for grant in old - new if grant.option and grant._replace(option="") in new}
    more = {grant for grant in old - new if {grant._replace(option=_OPTION), grant._replace(privilege="ALL")} & new}
    taken = old - new - option_only - more
    for role, privileges in _by_role(option_only):
        yield role, f"REVOKE GRANT OPTION FOR {privileges} ON {what} FROM {role}", True
    for role, privileges in _by_role(taken):
        yield role, f"REVOKE {privileges} ON {what} FROM {role}", True
    given = {grant for grant in new if grant not in old or any(_goes_with(grant, each) for each in taken)}
    given -= {grant._replace(option="") for grant in option_only}
    for option in ("", _OPTION):
        for role, privileges in _by_role(grant for grant in given if grant.option == option):
            yield role, f"GRANT {privileges} ON {what} TO {role}{f' {option}' if option else ''}", False


def _goes_with(grant: Grant, taken: Grant) -> bool:
    """Say whether a grant that is to stay goes when another is taken: one on a column, or a part of all privileges."""
    same = taken.role == grant.role and not taken.column
    return same and taken.privilege in {"ALL", grant.privilege}


def _by_role(grants: Iterable[Grant]) -> Iterator[tuple[str, str]]:
    """Yield each role with its privileges as SQL: `SELECT, UPDATE (a, b)`; ALL stands alone."""
    by: defaultdict[tuple[str, bool], defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for grant in sorted(grants):
        by[grant.role, grant.privilege != "ALL"][grant.privilege].append(grant.column)
    for (role, _), privileges in by.items():
        yield role, ", ".join(each for name, columns in privileges.items() for each in _privilege(name, columns))


def _privilege(name: str, columns: list[str]) -> Iterator[str]:
    if "" in columns:
        yield name
    if named := tuple(column for column in columns if column):
        yield f"{name} ({names.idents(named)})"


def _there(subject: Address, context: Context) -> tuple[Grant, ...]:
    """Return what is granted before any statement of ours, and after all that is done to the object itself."""
    if not _stays(subject, context):
        return _on_new(subject, context)
    about = on("grants on", subject)
    if about not in context.before:
        return usual(subject, major=context.major)
    columns = _parts(subject, _of(context.before[about]))
    gone = {where for where in columns if where in context.before and context.gone(where)}
    return tuple(
        grant
        for grant in _of(context.before[about])
        if not grant.column or Address("column", (*subject.names, grant.column)) not in gone
    )


def _on_new(subject: Address, context: Context) -> tuple[Grant, ...]:
    """Return what PostgreSQL grants on an object that is made: what is usual, and what the default privileges say."""
    objects = _OBJECTS.get(subject.kind)
    said = [each for each in context.old.default_privileges if not each.role and each.objects == objects]
    everywhere = next((each.all for each in said if not each.schema), usual(subject, major=context.major))
    here = [grant for each in said if each.schema and each.schema == subject.schema for grant in each.all]
    return tuple({*everywhere, *here})


_OBJECTS = {
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), "tables"),
    **dict.fromkeys(("function", "procedure", "aggregate"), "functions"),
    **dict.fromkeys(("type", "domain", "composite type", "range type"), "types"),
    "sequence": "sequences",
    "schema": "schemas",
}


def granted_when_made(context: Context) -> Iterator[Address]:
    """Yield the objects that are made, and get something by default privileges that nobody wants on them."""
    if not context.old.default_privileges:
        return
    for where, _ in context.new.top_level():
        made = where not in context.before or context.gone(where)
        said = on("grants on", where) in context.before or on("grants on", where) in context.after
        if made and where.kind in _OBJECTS and not said:
            yield where


def _of(grants: object) -> tuple[Grant, ...]:
    assert isinstance(grants, Grants)
    return grants.all


def _parts(subject: Address, grants: Iterable[Grant]) -> list[Address]:
    return [Address("column", (*subject.names, grant.column)) for grant in grants if grant.column]


def _stays(subject: Address, context: Context) -> bool:
    """Say whether an object is there before, and not made anew."""
    if subject in context.before:
        return not context.gone(subject)
    if subject == _PUBLIC:
        return True
    return subject.kind == "sequence" and subject in _identities(context.old.tables) & _identities(context.new.tables)


def _identities(tables: Iterable[Table]) -> frozenset[Address]:
    """Return the sequences behind identity columns."""
    return frozenset(
        Address("sequence", (table.schema, column.identity.sequence))
        for table in tables
        for column in table.columns
        if column.identity is not None
    )
