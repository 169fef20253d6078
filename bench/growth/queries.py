"""What the portal asks, written with its own models, and the index that each question is for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from bench.growth.rows import LARGEST, LAST_WEEK, MEMBER, RARE, SESSION_USER, TYPICAL, Population
from portal.db.schema import (
    CtRawSnapshot,
    HotListItem,
    LeadMetric,
    Membership,
    PipelineStageCount,
    ReportWeek,
    ReportWeekStatus,
    SyncRun,
    User,
    UserSession,
)

EIGHT = (
    "memberships_user_id_idx",
    "memberships_tenant_id_idx",
    "sessions_user_id_idx",
    "report_weeks_tenant_id_idx",
    "report_weeks_week_ending_date_idx",
    "sync_runs_tenant_id_idx",
    "ct_raw_snapshots_tenant_id_idx",
    "ct_raw_snapshots_endpoint_idx",
)
"""The portal's indexes, in the order of the queries that are for them."""

EXTRA = {
    f"{table}_report_week_id_idx": f"CREATE INDEX {table}_report_week_id_idx ON {table} (report_week_id)"
    for table in ("lead_metrics", "pipeline_stage_counts", "hot_list_items")
}
"""Indexes that the portal does not have, for the queries of its dashboard."""


ORDERED = {
    "largest syncs": (
        "sync_runs_tenant_id_started_at_idx",
        "CREATE INDEX sync_runs_tenant_id_started_at_idx ON sync_runs (tenant_id, started_at)",
    ),
    "largest snapshots": (
        "ct_raw_snapshots_tenant_id_fetched_at_idx",
        "CREATE INDEX ct_raw_snapshots_tenant_id_fetched_at_idx ON ct_raw_snapshots (tenant_id, fetched_at)",
    ),
}
"""Indexes that `mizzle advise` says the latest rows of a tenant lack, by the query: name and statement."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as psycopg gets it, and the index whose worth it shows."""

    key: str
    title: str
    index: str
    sql: str
    parameters: dict[str, Any]
    group: str
    """"eight" for those that the eight indexes are for, "dashboard" for those that want another, "largest" for more."""


def queries(population: Population) -> list[Query]:
    """All queries, of the tenants and users that the population has at every size."""
    typical, largest = (uuid.UUID(population.tenant_ids[each]) for each in (TYPICAL, LARGEST))
    return [*_eight(population, typical), *_dashboard(population, typical), *_largest(largest)]


def _eight(population: Population, tenant: uuid.UUID) -> list[Query]:
    """One query for each of the portal's indexes, in their order."""
    member, signed_in = (uuid.UUID(population.user_ids[each]) for each in (MEMBER, SESSION_USER))
    week = LAST_WEEK - timedelta(weeks=1)
    statements: list[tuple[str, str, Executable]] = [
        ("memberships", "memberships of a user", select(Membership).where(Membership.user_id == member)),
        (
            "members",
            "members of a tenant",
            select(User.id, User.email, User.name, Membership.role)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.tenant_id == tenant),
        ),
        ("sessions", "sessions of a user", select(UserSession).where(UserSession.user_id == signed_in)),
        (
            "weeks",
            "weeks of a tenant",
            select(ReportWeek).where(ReportWeek.tenant_id == tenant).order_by(ReportWeek.week_ending_date.desc()),
        ),
        (
            "week",
            "one week of all tenants",
            select(ReportWeek).where(
                ReportWeek.week_ending_date >= week, ReportWeek.week_ending_date < week + timedelta(weeks=1)
            ),
        ),
        ("syncs", "last sync runs of a tenant", _last_syncs(tenant)),
        ("snapshots", "snapshots of a tenant", select(CtRawSnapshot).where(CtRawSnapshot.tenant_id == tenant)),
        ("endpoint", "snapshots by a rare endpoint", select(CtRawSnapshot).where(CtRawSnapshot.endpoint == RARE)),
    ]
    return [
        _query(key, title, index, statement, "eight")
        for (key, title, statement), index in zip(statements, EIGHT, strict=True)
    ]


def _dashboard(population: Population, tenant: uuid.UUID) -> list[Query]:
    """What the pages of a week ask for."""
    week = uuid.UUID(population.week_ids[population.first_weeks[TYPICAL] + 1])
    leads, stages, hot = EXTRA
    latest = (
        select(ReportWeek.id)
        .where(ReportWeek.tenant_id == tenant, ReportWeek.status == ReportWeekStatus.PUBLISHED)
        .order_by(ReportWeek.week_ending_date.desc())
        .limit(1)
        .scalar_subquery()
    )
    metrics = select(LeadMetric).where(LeadMetric.tenant_id == tenant, LeadMetric.report_week_id == week)
    sums = (
        select(
            LeadMetric.dimension_type,
            func.sum(LeadMetric.clicks),
            func.sum(LeadMetric.cost),
            func.sum(LeadMetric.leads),
        )
        .where(LeadMetric.report_week_id == latest)
        .group_by(LeadMetric.dimension_type)
    )
    trend = (
        select(ReportWeek.week_ending_date, func.sum(LeadMetric.leads), func.sum(LeadMetric.qualified_leads))
        .join(LeadMetric, LeadMetric.report_week_id == ReportWeek.id)
        .where(ReportWeek.tenant_id == tenant, ReportWeek.week_ending_date > LAST_WEEK - timedelta(weeks=4))
        .group_by(ReportWeek.week_ending_date)
        .order_by(ReportWeek.week_ending_date)
    )
    pipeline = select(PipelineStageCount.stage, PipelineStageCount.count).where(
        PipelineStageCount.report_week_id == week
    )
    list_ = select(HotListItem).where(HotListItem.report_week_id == week).order_by(HotListItem.weighted_iff.desc())
    return [
        _query("metrics", "lead metrics of a week", leads, metrics, "dashboard"),
        _query("sums", "sums of the latest week", leads, sums, "dashboard"),
        _query("trend", "leads in the last four weeks", leads, trend, "dashboard"),
        _query("pipeline", "pipeline of a week", stages, pipeline, "dashboard"),
        _query("hot", "hot list of a week", hot, list_, "dashboard"),
    ]


def _largest(tenant: uuid.UUID) -> list[Query]:
    """The same indexes, asked about the tenant that owns 15 % of all rows."""
    newest = (
        select(CtRawSnapshot.id, CtRawSnapshot.endpoint, CtRawSnapshot.fetched_at)
        .where(CtRawSnapshot.tenant_id == tenant)
        .order_by(CtRawSnapshot.fetched_at.desc())
        .limit(50)
    )
    return [
        _query("largest syncs", "last sync runs, largest tenant", EIGHT[5], _last_syncs(tenant), "largest"),
        _query("largest snapshots", "last snapshots, largest tenant", EIGHT[6], newest, "largest"),
    ]


def _last_syncs(tenant: uuid.UUID) -> Executable:
    return select(SyncRun).where(SyncRun.tenant_id == tenant).order_by(SyncRun.started_at.desc()).limit(20)


def _query(key: str, title: str, index: str, statement: Executable, group: str) -> Query:
    """Compile a statement as SQLAlchemy does for psycopg."""
    compiled = statement.compile(dialect=psycopg_dialect())  # pyright: ignore[reportAttributeAccessIssue]
    parameters = {name: value.value if isinstance(value, Enum) else value for name, value in compiled.params.items()}
    return Query(key, title, index, str(compiled), parameters, group)
