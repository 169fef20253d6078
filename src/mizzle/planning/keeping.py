"""Who may do what with an object that is made anew, and whose it is: asked before it goes, and said again after.

A plan knows that only where grants and owners are managed; else the database is asked, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.operations import Operation
from mizzle.planning.steps import Statement

ANEW = "WITH anew"
"""What a statement begins with that makes statements of its constants."""

_SETTING = "mizzle.kept"
_WHY = "what is granted on them, and whose they are, is kept"
_RELATIONS = {"view": "VIEW", "materialized view": "MATERIALIZED VIEW", "foreign table": "FOREIGN TABLE"}
_ROUTINES = {"function": "FUNCTION", "procedure": "PROCEDURE"}

_GRANTED = """(SELECT string_agg(format('GRANT %s%s TO %s%s', privilege_type, granted,
     CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
     CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), '; ')
   FROM anew, aclexplode(acl) WHERE grantee <> owner)"""
_CLOSED = """(SELECT string_agg(format('REVOKE ALL%s FROM PUBLIC', granted), '; ') FROM anew WHERE acl IS NOT NULL)"""
_OWNED = """(SELECT string_agg(format('ALTER %s OWNER TO %s', owned, owner::regrole), '; ')
   FROM anew WHERE owner <> current_user::regrole AND owned <> '')"""


def keeping(operations: Sequence[Operation], managed: Collection[str]) -> list[Statement]:
    """Return the statements of a step's `operations`, with what keeps the privileges of all that they make anew.

    `managed` is what the plan says itself: "grants", "owners".
    """
    statements = [statement for each in operations for statement in each.statements]
    gone = frozenset[Address]().union(*(each.drops for each in operations))
    made = frozenset[Address]().union(*(each.makes for each in operations))
    kinds, both = {*_RELATIONS, *_ROUTINES, "column"}, gone & made
    anew = sorted(where for where in both if where.kind in kinds and where.table not in both)  # see online/kept.py
    if not anew or {"grants", "owners"} <= {*managed}:
        return statements
    place = next(n for n, each in enumerate(operations) if each.drops & {*anew})
    before = sum(len(each.statements) for each in operations[:place])
    asked, said = _asking(anew, managed), Statement(f"DO $$ BEGIN EXECUTE current_setting('{_SETTING}'); END $$")
    return [*statements[:before], asked, *statements[before:], said]


def _asking(anew: Sequence[Address], managed: Collection[str]) -> Statement:
    rows = "\n  UNION ALL ".join(map(_row, anew))
    said = [
        *([] if "owners" in managed else [_OWNED]),
        *([] if "grants" in managed else [_CLOSED, _GRANTED]),
    ]
    return Statement(
        f"{ANEW} (granted, owned, acl, owner) AS (  -- {_WHY}\n  {rows}\n)\n"
        f"SELECT set_config('{_SETTING}', concat_ws('; ',\n  " + ",\n  ".join(said) + "), true)"
    )


def _row(where: Address) -> str:
    if where.kind == "column":
        table = Address("table", where.names[:2]).sql
        on, owned = f" ({names.ident(where.name)}) ON TABLE {table}", ""
        found = f"""attacl, relowner
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE attrelid = {names.literal(table)}::regclass AND attname = {names.literal(where.name)}"""
    elif where.kind in _RELATIONS:
        on, owned = f" ON TABLE {where.sql}", f"{_RELATIONS[where.kind]} {where.sql}"
        found = f"relacl, relowner\n    FROM pg_class WHERE oid = {names.literal(where.sql)}::regclass"
    else:
        owned = f"{_ROUTINES[where.kind]} {where.sql}"
        on = f" ON {owned}"
        found = f"proacl, proowner\n    FROM pg_proc WHERE oid = {names.literal(where.sql)}::regprocedure"
    return f"SELECT {names.literal(on)}, {names.literal(owned)}, {found}"
