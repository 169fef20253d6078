"""Indexes: with all that one can have."""

from __future__ import annotations

from portal_edits.edit import Edit
from portal_edits.rich import COVERING, EXPRESSION, PARTIAL, arguments

_ENDPOINT = "    endpoint: Mapped[str] = mapped_column(String(255), index=True)\n"
_AGAIN = "INDEX_BUILD INDEX_DROPPED"


def added(name: str, table: str, *what: str, hazards: str = "INDEX_BUILD") -> Edit:
    """Return the edit that adds an index with these arguments."""
    return Edit(name, (arguments(table, f'sa.Index("{table}_new_idx", {", ".join(what)})'),), hazards=hazards)


ADDED = (
    Edit(
        "an index added",
        (
            (
                "    action: Mapped[str] = mapped_column(String(100))",
                "    action: Mapped[str] = mapped_column(String(100), index=True)",
            ),
        ),
        hazards="INDEX_BUILD",
        only=("CREATE INDEX",),
    ),
    added(
        "an index over a part of the rows added",
        "report_weeks",
        '"tenant_id"',
        "postgresql_where=sa.text('published_at IS NOT NULL')",
    ),
    added("an index over an expression added", "users", 'sa.text("lower(email)")', '"status"'),
    added(
        "an index that includes columns added", "memberships", '"user_id"', 'postgresql_include=["role", "tenant_id"]'
    ),
    added(
        "an index for patterns added",
        "ct_raw_snapshots",
        '"endpoint"',
        'postgresql_ops={"endpoint": "text_pattern_ops"}',
    ),
    added("an index in another order added", "audit_log", 'sa.text("created_at DESC NULLS LAST")', '"tenant_id"'),
    added("an index in a collation added", "users", "sa.text('name COLLATE \"C\"')"),
    added(
        "a GIN index added",
        "ct_raw_snapshots",
        '"payload_json"',
        'postgresql_using="gin"',
        'postgresql_ops={"payload_json": "jsonb_path_ops"}',
    ),
    added(
        "a hash index with a storage parameter added",
        "sessions",
        '"token"',
        'postgresql_using="hash"',
        'postgresql_with={"fillfactor": 70}',
    ),
    added(
        "a unique index added",
        "report_weeks",
        '"tenant_id"',
        '"week_ending_date"',
        "unique=True",
        hazards="DATA_DEPENDENT INDEX_BUILD",
    ),
    added(
        "a unique index over nulls that are not distinct added",
        "memberships",
        '"user_id"',
        '"tenant_id"',
        "unique=True",
        "postgresql_nulls_not_distinct=True",
        hazards="DATA_DEPENDENT INDEX_BUILD",
    ),
    Edit(
        "a unique index added, and rows are alike",
        ((_ENDPOINT, _ENDPOINT.replace("index=True", "index=True, unique=True")),),
        hazards="DATA_DEPENDENT INDEX_BUILD INDEX_DROPPED",
        refused="no two rows of table public.ct_raw_snapshots have the same endpoint: ",
        mend="UPDATE ct_raw_snapshots SET endpoint = endpoint || '/' || id",
    ),
)

CHANGED = (
    Edit(
        "an index dropped",
        ((_ENDPOINT, _ENDPOINT.replace(", index=True", "")),),
        hazards="INDEX_DROPPED",
        only=("DROP INDEX CONCURRENTLY public.ct_raw_snapshots_endpoint_idx",),
    ),
    Edit(
        "an index renamed",
        ((EXPRESSION, EXPRESSION.replace("lower_email", "by_email")),),
        rich=True,
        only=("ALTER INDEX public.users_lower_email_idx RENAME TO users_by_email_idx",),
    ),
    Edit(
        "the condition of an index changed",
        ((PARTIAL, PARTIAL.replace("'published'", "'draft'")),),
        rich=True,
        hazards=_AGAIN,
    ),
    Edit(
        "the condition of an index dropped",
        ((PARTIAL, PARTIAL.partition(", postgresql_where")[0] + ")"),),
        rich=True,
        hazards=_AGAIN,
    ),
    Edit(
        "the expression of an index changed",
        ((EXPRESSION, EXPRESSION.replace("lower(", "upper(")),),
        rich=True,
        hazards=_AGAIN,
    ),
    Edit(
        "what an index includes changed",
        ((COVERING, COVERING.replace('["leads"]', '["leads", "cost"]')),),
        rich=True,
        hazards=_AGAIN,
    ),
    Edit("the order of an index changed", ((COVERING, COVERING.replace("DESC", "ASC")),), rich=True, hazards=_AGAIN),
)

INDEXES = (*ADDED, *CHANGED)
