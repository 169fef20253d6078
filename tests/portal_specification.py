"""The specification of the portal's database, stated by hand in its own words (`spec/portal-database.md`).

`!` is NOT NULL, `->` a foreign key; every table begins with `id`. The functions say the same in the words of
`pg_catalog`, so that tests compare with `==`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECIFICATION = {
    "tenants": (
        "name varchar(255)!; timezone varchar(100)! default 'America/New_York'; "
        "status tenant_status! default 'active'; clienttether_web_key text; "
        "created_at timestamp! now(); updated_at timestamp! now()"
    ),
    "tenant_branding": (
        "tenant_id uuid! -> tenants cascade; mellon_logo_url text; tenant_logo_url text; "
        "primary_color varchar(7) default '#1E40AF'; accent_color varchar(7) default '#3B82F6'; "
        "header_layout varchar(50) default 'default'; updated_at timestamp! now()"
    ),
    "users": (
        "email varchar(255)! unique; name varchar(255); password_hash text; status user_status! default 'pending'; "
        "invite_token text; invite_expires_at timestamp; created_at timestamp! now(); updated_at timestamp! now()"
    ),
    "memberships": (
        "user_id uuid! -> users cascade; tenant_id uuid -> tenants cascade; role membership_role!; "
        "created_at timestamp! now()"
    ),
    "sessions": (
        "user_id uuid! -> users cascade; token text! unique; expires_at timestamp!; created_at timestamp! now()"
    ),
    "report_weeks": (
        "tenant_id uuid! -> tenants cascade; week_ending_date date!; period_start_at timestamp!; "
        "period_end_at timestamp!; status report_week_status! default 'draft'; published_at timestamp; "
        "published_by uuid -> users (no action); created_at timestamp! now(); updated_at timestamp! now()"
    ),
    "report_week_manual": (
        "report_week_id uuid! -> report_weeks cascade; narrative_rich text; initiatives_rich text; needs_rich text; "
        "discovery_days_rich text; updated_at timestamp! now()"
    ),
    "report_exports": (
        "tenant_id uuid! -> tenants cascade; report_week_id uuid! -> report_weeks cascade; pdf_url text; "
        "created_at timestamp! now()"
    ),
    "lead_metrics": (
        "tenant_id uuid! -> tenants cascade; report_week_id uuid -> report_weeks cascade; "
        "dimension_type varchar(100)!; dimension_value varchar(255)!; clicks integer default 0; "
        "impressions integer default 0; cost numeric(12,2) default '0'; leads integer default 0; "
        "qualified_leads integer default 0; created_at timestamp! now()"
    ),
    "pipeline_stage_counts": (
        "tenant_id uuid! -> tenants cascade; report_week_id uuid -> report_weeks cascade; stage varchar(100)!; "
        "count integer default 0; created_at timestamp! now()"
    ),
    "hot_list_items": (
        "tenant_id uuid! -> tenants cascade; report_week_id uuid -> report_weeks cascade; "
        "candidate_name varchar(255)!; market varchar(255); units integer default 0; "
        "weighted_units numeric(10,2) default '0'; iff numeric(12,2) default '0'; "
        "weighted_iff numeric(12,2) default '0'; sales_lead varchar(255); stage varchar(100); "
        "likely_pct integer default 0; raw_json jsonb; created_at timestamp! now()"
    ),
    "sync_runs": (
        "tenant_id uuid! -> tenants cascade; started_at timestamp! now(); finished_at timestamp; "
        "status sync_status! default 'running'; error_message text; records_updated integer default 0"
    ),
    "ct_raw_snapshots": (
        "tenant_id uuid! -> tenants cascade; endpoint varchar(255)!; fetched_at timestamp! now(); payload_json jsonb"
    ),
    "tenant_field_mappings": (
        "tenant_id uuid! -> tenants cascade; lead_source_field varchar(255); qualified_lead_logic jsonb; "
        "pipeline_stage_mapping jsonb; custom_field_mappings jsonb; updated_at timestamp! now()"
    ),
    "audit_log": (
        "actor_user_id uuid -> users (no action); tenant_id uuid -> tenants set null; action varchar(100)!; "
        "metadata_json jsonb; created_at timestamp! now()"
    ),
}

ENUMS = {
    "tenant_status": ("active", "inactive", "suspended"),
    "user_status": ("active", "inactive", "pending"),
    "membership_role": ("agency_admin", "tenant_admin", "tenant_viewer"),
    "report_week_status": ("draft", "published"),
    "sync_status": ("running", "success", "failed"),
}

INDEXED = (
    ("memberships", "user_id"),
    ("memberships", "tenant_id"),
    ("sessions", "user_id"),
    ("report_weeks", "tenant_id"),
    ("report_weeks", "week_ending_date"),
    ("sync_runs", "tenant_id"),
    ("ct_raw_snapshots", "tenant_id"),
    ("ct_raw_snapshots", "endpoint"),
)

# The specification's words for what pg_catalog calls otherwise.
TYPES = {"varchar": "character varying", "timestamp": "timestamp without time zone"}
ACTIONS = {"cascade": "c", "set null": "n", "(no action)": "a"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as `pg_catalog` puts it; `default` is the server's own text."""

    name: str
    type: str
    not_null: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key to the `id` of another table; actions are pg_constraint's letters."""

    name: str
    table: str
    column: str
    referred: str
    on_delete: str
    on_update: str = "a"
    referred_column: str = "id"
    deferrable: bool = False
    validated: bool = True


ID = Column("id", "uuid", not_null=True, default="gen_random_uuid()")


def entries(table: str) -> Iterator[tuple[str, str, str]]:
    """Name, type (with its `!`) and the rest of each column of `table`, as the specification lists them."""
    for entry in SPECIFICATION[table].split("; "):
        name, kind, *rest = entry.split(" ", 2)
        yield name, kind, "".join(rest)


def expected_columns(table: str) -> tuple[Column, ...]:
    """What the specification says of the columns of `table`, in the words of `pg_catalog`."""
    return (ID, *starmap(expected_column, entries(table)))


def expected_column(name: str, kind: str, rest: str) -> Column:
    """One column of the specification in the words of `pg_catalog`: quoted defaults carry their type."""
    base, parenthesis, modifier = kind.removesuffix("!").partition("(")
    base = TYPES.get(base, base)
    default = "now()" if rest == "now()" else rest.removeprefix("default ") if rest.startswith("default ") else None
    if default is not None and default.startswith("'"):
        default += f"::{base}"
    return Column(name, base + parenthesis + modifier, not_null=kind.endswith("!"), default=default)


def expected_foreign_keys() -> set[ForeignKey]:
    """Every `->` of the specification, named by R8."""
    return {
        ForeignKey(f"{table}_{name}_{referred}_id_fk", table, name, referred, ACTIONS[action])
        for table in SPECIFICATION
        for name, _, rest in entries(table)
        if rest.startswith("-> ")
        for referred, action in [rest.removeprefix("-> ").split(" ", 1)]
    }


def specified_objects() -> set[str]:
    """What `everything` must say of the schema without the eight indexes."""
    unique = {"users_email_unique on table users", "sessions_token_unique on table sessions"}
    constraints = (
        {f"{table}_pkey on table {table}" for table in SPECIFICATION}
        | {f"{key.name} on table {key.table}" for key in expected_foreign_keys()}
        | unique
    )
    return {
        *(f"table {table}" for table in SPECIFICATION),
        *(f"type {kind}" for name in (*SPECIFICATION, *ENUMS) for kind in (name, f"{name}[]")),
        *(f"constraint {constraint}" for constraint in constraints),
        *(f"index {table}_pkey" for table in SPECIFICATION),
        *(f"index {constraint.split(' ')[0]}" for constraint in unique),
    }
