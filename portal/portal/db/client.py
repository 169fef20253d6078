"""The client of the portal's database: a ready engine and session factory, and every model.

    from portal.db.client import SessionLocal, Tenant

    with SessionLocal() as session:
        tenants = session.scalars(select(Tenant)).all()

`engine` and `SessionLocal` are made when first asked for, from `DATABASE_URL`. So importing this module, or the models
from it, needs no database and no configuration.
"""

from __future__ import annotations

import os
from functools import cache

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from portal.db.schema import (
    AuditLog,
    Base,
    CtRawSnapshot,
    HotListItem,
    LeadMetric,
    Membership,
    MembershipRole,
    PipelineStageCount,
    ReportExport,
    ReportWeek,
    ReportWeekManual,
    ReportWeekStatus,
    SyncRun,
    SyncStatus,
    Tenant,
    TenantBranding,
    TenantFieldMapping,
    TenantStatus,
    User,
    UserSession,
    UserStatus,
)

__all__ = [
    "AuditLog",
    "Base",
    "CtRawSnapshot",
    "DatabaseUrlError",
    "HotListItem",
    "LeadMetric",
    "Membership",
    "MembershipRole",
    "PipelineStageCount",
    "ReportExport",
    "ReportWeek",
    "ReportWeekManual",
    "ReportWeekStatus",
    "SessionLocal",
    "SyncRun",
    "SyncStatus",
    "Tenant",
    "TenantBranding",
    "TenantFieldMapping",
    "TenantStatus",
    "User",
    "UserSession",
    "UserStatus",
    "database_url",
    "engine",
]

_FORM = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"

engine: Engine
SessionLocal: sessionmaker[Session]


class DatabaseUrlError(RuntimeError):
    """`DATABASE_URL` is missing or no PostgreSQL URL; the message never holds its password."""


def database_url() -> URL:
    """`DATABASE_URL` for SQLAlchemy and psycopg: `postgres://` and `postgresql://` are both welcome."""
    raw = os.environ.get("DATABASE_URL", "")
    if not raw:
        raise DatabaseUrlError(f"DATABASE_URL is not set\nhint: export DATABASE_URL={_FORM}")
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in {"postgres", "postgresql"}:
        raise DatabaseUrlError(f"DATABASE_URL is no PostgreSQL URL\nhint: it reads {_FORM}")
    return url.set(drivername="postgresql+psycopg")


@cache
def _engine() -> Engine:
    return create_engine(database_url())


@cache
def _session_local() -> sessionmaker[Session]:
    return sessionmaker(_engine())


def __getattr__(name: str) -> Engine | sessionmaker[Session]:
    """`engine` and `SessionLocal` on first use (PEP 562)."""
    if name == "engine":
        return _engine()
    if name == "SessionLocal":
        return _session_local()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
