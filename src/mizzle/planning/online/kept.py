"""Who may do what with a table, and whose it is, said again of the one that takes its place: the database is asked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.planning.steps import Statement

BODY = "$copy"
"""What begins the body of a routine that is written here, and names tables (see tenants.py)."""

_KEPT = """  -- what is granted on it, and whose it is, is kept
DECLARE
    said text;
BEGIN
    FOR said IN
        WITH moved (kind, before, after) AS (
            VALUES {pairs}
        ), acls (object, acl, owner, kind) AS (
            SELECT format('%s %s', kind, after), relacl, relowner, kind FROM moved JOIN pg_class ON oid = before
        ), granted (object, columns, acl) AS (
            SELECT object, '', acl FROM acls
            UNION ALL
            SELECT format('%s %s', kind, after), format(' (%I)', attname), attacl
            FROM moved JOIN pg_attribute ON attrelid = before WHERE NOT attisdropped
        )
        SELECT sql FROM (
            SELECT 1, format('ALTER %s OWNER TO %s', object, owner::regrole)
            FROM acls WHERE kind = 'TABLE' AND owner <> current_user::regrole
            UNION ALL
            SELECT 2, format('REVOKE ALL ON %s %s FROM %s', kind, after, {role})
            FROM moved JOIN pg_class ON oid = after, aclexplode(relacl) WHERE grantee <> relowner
            UNION ALL
            SELECT 3, format('REVOKE ALL ON %s FROM %s', object, owner::regrole) FROM acls WHERE acl IS NOT NULL
            UNION ALL
            SELECT 4, format('GRANT %s%s ON %s TO %s%s', privilege_type, columns, object, {role},
                CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
            FROM granted, aclexplode(acl)
        ) AS found (place, sql) ORDER BY place
    LOOP
        EXECUTE said;
    END LOOP;
END
"""
_ROLE = "coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC')"


def kept(moved: Iterable[tuple[str, Address, Address]], *, change: str) -> Statement:
    """Return what gives to each second object what the first one has; `moved` names their kind, TABLE or SEQUENCE.

    What default privileges gave to the new ones goes.
    """
    pairs = ",\n                ".join(
        f"('{kind}', {names.literal(before.sql)}::regclass, {names.literal(after.sql)}::regclass)"
        for kind, before, after in moved
    )
    return Statement(f"DO {in_dollars(_KEPT.format(pairs=pairs, role=_ROLE))}", change=change)


def in_dollars(body: str) -> str:
    """Return the body of a routine as a constant, as it stands."""
    tags = (f"{BODY}{number or ''}$" for number in count())
    tag = next(each for each in tags if each not in body)
    return tag + body + tag
