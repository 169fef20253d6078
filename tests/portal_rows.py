"""Rows for the portal's database: dozens in its 15 tables, the same each time; and what is in a database, to compare.

What is not there matters, too: no tenant is suspended, `leads` has gaps and `clicks` has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping

Expressions = dict[str, dict[str, str]]
"""For each table, SQL for each of its columns."""

Contents = dict[str, tuple[int, dict[str, str]]]
"""For each table, the number of its rows and a checksum of each column, the rows in the order of their ids."""

_DAY = "timestamp '2026-01-01 09:30' + n * interval '1 day'"


def _key(table: str, number: str = "n") -> str:
    return f"md5('{table} ' || ({number}))::uuid"


def _one_of(*labels: str) -> str:
    return f"(ARRAY[{', '.join(map(repr, labels))}])[1 + n % {len(labels)}]"


# A week belongs to the tenant that a row about it names, and each tenant has four.
_WEEK, _WEEKS_TENANT = _key("report_weeks", "1 + n % 24"), _key("tenants", "1 + n % 24 / 4")
_ABOUT_A_WEEK = {"tenant_id": _WEEKS_TENANT, "report_week_id": f"CASE WHEN n % 5 > 0 THEN {_WEEK} END"}
_JSON = "jsonb_build_object('n', n, 'text', 'it''s \"' || n || '\" %')"

ROWS: dict[str, tuple[int, dict[str, str]]] = {
    "tenants": (
        6,
        {
            "name": "'Tenant ' || n || ' \"é\" it''s'",
            "timezone": _one_of("America/New_York", "Europe/Paris", "UTC"),
            "status": _one_of("active", "inactive") + "::tenant_status",
            "clienttether_web_key": "CASE WHEN n % 2 = 0 THEN 'key-' || n END",
            "created_at": _DAY,
            "updated_at": _DAY,
        },
    ),
    "tenant_branding": (
        6,
        {
            "tenant_id": _key("tenants"),
            "mellon_logo_url": "'https://example.com/logo/' || n",
            "primary_color": "CASE WHEN n % 3 > 0 THEN '#00000' || n END",
            "updated_at": _DAY,
        },
    ),
    "users": (
        12,
        {
            "email": "'User' || n || '@example.com'",
            "name": "CASE WHEN n % 4 > 0 THEN 'User ' || n END",
            "status": _one_of("active", "inactive", "pending") + "::user_status",
            "invite_token": "CASE WHEN n % 3 = 2 THEN 'invite-' || n END",
            "invite_expires_at": f"CASE WHEN n % 3 = 2 THEN {_DAY} END",
            "created_at": _DAY,
            "updated_at": _DAY,
        },
    ),
    "memberships": (
        16,
        {
            "user_id": _key("users", "1 + n % 12"),
            "tenant_id": f"CASE WHEN n % 6 > 0 THEN {_key('tenants', '1 + n / 3')} END",
            "role": f"CASE WHEN n % 6 = 0 THEN 'agency_admin' ELSE {_one_of('tenant_admin', 'tenant_viewer')} END"
            "::membership_role",
            "created_at": _DAY,
        },
    ),
    "sessions": (
        12,
        {"user_id": _key("users"), "token": "'token-' || n", "expires_at": _DAY, "created_at": _DAY},
    ),
    "report_weeks": (
        24,
        {
            "tenant_id": _key("tenants", "1 + (n - 1) / 4"),
            "week_ending_date": "date '2026-01-04' + 7 * n",
            "period_start_at": "timestamp '2026-01-01' + n * interval '7 days'",
            "period_end_at": "timestamp '2026-01-08' + n * interval '7 days'",
            "status": _one_of("draft", "published") + "::report_week_status",
            "published_at": f"CASE WHEN n % 2 = 1 THEN {_DAY} END",
            "published_by": f"CASE WHEN n % 2 = 1 THEN {_key('users', '1 + n % 12')} END",
            "created_at": _DAY,
            "updated_at": _DAY,
        },
    ),
    "report_week_manual": (
        24,
        {
            "report_week_id": _WEEK,
            "narrative_rich": "'<p>Week ' || n || '</p>'",
            "initiatives_rich": "CASE WHEN n % 2 = 0 THEN 'initiative ' || n END",
            "needs_rich": f"{_JSON}::text",
            "updated_at": _DAY,
        },
    ),
    "report_exports": (
        12,
        {
            "tenant_id": _WEEKS_TENANT,
            "report_week_id": _WEEK,
            "pdf_url": "'https://example.com/' || n || '.pdf'",
            "created_at": _DAY,
        },
    ),
    "lead_metrics": (
        30,
        _ABOUT_A_WEEK
        | {
            "dimension_type": _one_of("source", "campaign", "region"),
            "dimension_value": "'value ' || n",
            "clicks": "n * 10",
            "impressions": "n * 2000",
            "cost": "n * 1.25",
            "leads": "CASE WHEN n % 7 > 0 THEN n END",
            "qualified_leads": "n / 2",
            "created_at": _DAY,
        },
    ),
    "pipeline_stage_counts": (
        24,
        _ABOUT_A_WEEK | {"stage": _one_of("new", "met", "signed"), "count": "n", "created_at": _DAY},
    ),
    "hot_list_items": (
        24,
        _ABOUT_A_WEEK
        | {
            "candidate_name": "'Candidate ' || n",
            "market": "CASE WHEN n % 3 > 0 THEN 'Market ' || n END",
            "units": "n % 4",
            "weighted_units": "n * 0.5",
            "iff": "n * 1000",
            "sales_lead": "'Lead ' || n % 3",
            "likely_pct": "n * 4",
            "raw_json": _JSON,
            "created_at": _DAY,
        },
    ),
    "sync_runs": (
        18,
        {
            "tenant_id": _key("tenants", "1 + n % 6"),
            "started_at": _DAY,
            "finished_at": f"CASE WHEN n % 3 > 0 THEN {_DAY} END",
            "status": _one_of("running", "success", "failed") + "::sync_status",
            "error_message": "CASE WHEN n % 3 = 2 THEN 'error ' || n END",
            "records_updated": "n * 3",
        },
    ),
    "ct_raw_snapshots": (
        18,
        {
            "tenant_id": _key("tenants", "1 + n % 6"),
            "endpoint": _one_of("/leads", "/Campaigns", "/stages"),
            "fetched_at": _DAY,
            "payload_json": _JSON,
        },
    ),
    "tenant_field_mappings": (
        6,
        {
            "tenant_id": _key("tenants"),
            "lead_source_field": "'field ' || n",
            "qualified_lead_logic": _JSON,
            "updated_at": _DAY,
        },
    ),
    "audit_log": (
        20,
        {
            "actor_user_id": f"CASE WHEN n % 3 > 0 THEN {_key('users', '1 + n % 12')} END",
            "tenant_id": f"CASE WHEN n % 4 > 0 THEN {_key('tenants', '1 + n % 6')} END",
            "action": _one_of("sign in", "publish", "export"),
            "metadata_json": _JSON,
            "created_at": _DAY,
        },
    ),
}


def fill(url: str) -> None:
    """Put the rows into an empty portal database."""
    with psycopg.connect(url) as connection:
        for table, (rows, columns) in ROWS.items():
            into = ", ".join(["id", *columns])
            values = ", ".join([_key(table), *columns.values()])
            insert = f"INSERT INTO {table} ({into}) SELECT {values} FROM generate_series(1, {rows}) AS n"
            connection.execute(insert.encode())


def columns(url: str) -> Expressions:
    """Return each table of schema public with its columns, each of which stands for itself."""
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    found: Expressions = {}
    with psycopg.connect(url) as connection:
        for table, column in connection.execute(query):
            found.setdefault(table, {})[column] = f'"{column}"'
    return found


def contents(url: str, expressions: Expressions, *, tables: Mapping[str, str] | None = None) -> Contents:
    """Return what the tables hold, the columns as `expressions` has them; `tables` says what one was called before."""
    selects = [_select(table, (tables or {}).get(table, table), listed) for table, listed in expressions.items()]
    with psycopg.connect(url) as connection:
        found = connection.execute(" UNION ALL ".join(selects).encode()).fetchall()
    return {table: (count, dict(zip(expressions[table], sums, strict=True))) for table, count, sums in found}


def _select(name: str, table: str, expressions: Mapping[str, str]) -> str:
    sums = ", ".join(map(_sum, expressions))
    inner = ", ".join(['id AS "key of row"', *(f'{value} AS "{column}"' for column, value in expressions.items())])
    return f"SELECT '{name}', count(*), ARRAY[{sums}]::text[] FROM (SELECT {inner} FROM {table}) AS {table}"


def _sum(column: str) -> str:
    return f"""md5(string_agg(coalesce("{column}"::text, '<null>'), '|' ORDER BY "key of row"))"""
