"""The portal's database: 15 tables, 5 enums and 8 indexes.

A tenant is a client of the agency. A CRM ("ClientTether", prefix `ct_`) fills the numbers every hour, staff add a
weekly narrative and publish it, and the tenant's users read it.

The order of the columns is the order in the database. Names of constraints and indexes come from the convention in
`base.py`; each `index=True` below is one of the eight indexes on what is queried often.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, Count, Json, Now, enum_type

__all__ = [
    "AuditLog",
    "Base",
    "CtRawSnapshot",
    "HotListItem",
    "LeadMetric",
    "Membership",
    "MembershipRole",
    "PipelineStageCount",
    "ReportExport",
    "ReportWeek",
    "ReportWeekManual",
    "ReportWeekStatus",
    "SyncRun",
    "SyncStatus",
    "Tenant",
    "TenantBranding",
    "TenantFieldMapping",
    "TenantStatus",
    "User",
    "UserSession",
    "UserStatus",
]


class TenantStatus(StrEnum):
    """Whether the agency works for a tenant."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class UserStatus(StrEnum):
    """A user is pending until the invitation is taken up."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"


class MembershipRole(StrEnum):
    """What a user may do: an agency admin in every tenant, the others in their own."""

    AGENCY_ADMIN = "agency_admin"
    TENANT_ADMIN = "tenant_admin"
    TENANT_VIEWER = "tenant_viewer"


class ReportWeekStatus(StrEnum):
    """Tenant users see a week once it is published."""

    DRAFT = "draft"
    PUBLISHED = "published"


class SyncStatus(StrEnum):
    """How a run of the hourly CRM import stands."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


TenantId = Annotated[uuid.UUID, mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))]
UserId = Annotated[uuid.UUID, mapped_column(ForeignKey("users.id", ondelete="CASCADE"))]
ReportWeekId = Annotated[uuid.UUID, mapped_column(ForeignKey("report_weeks.id", ondelete="CASCADE"))]


# Core


class Tenant(Base):
    """A client of the agency."""

    __tablename__ = "tenants"

    name: Mapped[str] = mapped_column(String(255))
    timezone: Mapped[str] = mapped_column(String(100), server_default="America/New_York")
    status: Mapped[TenantStatus] = mapped_column(
        enum_type(TenantStatus, "tenant_status"), server_default=TenantStatus.ACTIVE
    )
    clienttether_web_key: Mapped[str | None]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="tenant", cascade="all", passive_deletes=True)
    report_weeks: Mapped[list["ReportWeek"]] = relationship(
        back_populates="tenant", cascade="all", passive_deletes=True
    )


class TenantBranding(Base):
    """How a tenant's reports look."""

    __tablename__ = "tenant_branding"

    tenant_id: Mapped[TenantId]
    mellon_logo_url: Mapped[str | None]
    tenant_logo_url: Mapped[str | None]
    primary_color: Mapped[str | None] = mapped_column(String(7), server_default="#1E40AF")
    accent_color: Mapped[str | None] = mapped_column(String(7), server_default="#3B82F6")
    header_layout: Mapped[str | None] = mapped_column(String(50), server_default="default")
    updated_at: Mapped[Now]


class User(Base):
    """A person who signs in.

    Better Auth looks users up by `email` and knows `password_hash`; `status`, `invite_token` and
    `invite_expires_at` are the portal's own additions to that library's user table.
    """

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))
    password_hash: Mapped[str | None]
    status: Mapped[UserStatus] = mapped_column(enum_type(UserStatus, "user_status"), server_default=UserStatus.PENDING)
    invite_token: Mapped[str | None]
    invite_expires_at: Mapped[datetime | None]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", cascade="all", passive_deletes=True)
    sessions: Mapped[list["UserSession"]] = relationship(back_populates="user", cascade="all", passive_deletes=True)


class Membership(Base):
    """What a user may do, and where: an agency admin has no tenant and may reach all of them."""

    __tablename__ = "memberships"

    user_id: Mapped[UserId] = mapped_column(index=True)
    tenant_id: Mapped[TenantId | None] = mapped_column(index=True)
    role: Mapped[MembershipRole] = mapped_column(enum_type(MembershipRole, "membership_role"))
    created_at: Mapped[Now]

    user: Mapped[User] = relationship(back_populates="memberships")
    tenant: Mapped[Tenant | None] = relationship(back_populates="memberships")


class UserSession(Base):
    """A user's signed-in session (not SQLAlchemy's)."""

    __tablename__ = "sessions"

    user_id: Mapped[UserId] = mapped_column(index=True)
    token: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    created_at: Mapped[Now]

    user: Mapped[User] = relationship(back_populates="sessions")


# Weekly reporting


class ReportWeek(Base):
    """One week of one tenant, drafted and then published."""

    __tablename__ = "report_weeks"

    tenant_id: Mapped[TenantId] = mapped_column(index=True)
    week_ending_date: Mapped[date] = mapped_column(index=True)
    period_start_at: Mapped[datetime]
    period_end_at: Mapped[datetime]
    status: Mapped[ReportWeekStatus] = mapped_column(
        enum_type(ReportWeekStatus, "report_week_status"), server_default=ReportWeekStatus.DRAFT
    )
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]

    tenant: Mapped[Tenant] = relationship(back_populates="report_weeks")
    publisher: Mapped[User | None] = relationship()


class ReportWeekManual(Base):
    """What staff write into a week by hand."""

    __tablename__ = "report_week_manual"

    report_week_id: Mapped[ReportWeekId]
    narrative_rich: Mapped[str | None]
    initiatives_rich: Mapped[str | None]
    needs_rich: Mapped[str | None]
    discovery_days_rich: Mapped[str | None]
    updated_at: Mapped[Now]


class ReportExport(Base):
    """A week printed to PDF."""

    __tablename__ = "report_exports"

    tenant_id: Mapped[TenantId]
    report_week_id: Mapped[ReportWeekId]
    pdf_url: Mapped[str | None]
    created_at: Mapped[Now]


class LeadMetric(Base):
    """Advertising and leads of a tenant, by one value of one dimension."""

    __tablename__ = "lead_metrics"

    tenant_id: Mapped[TenantId]
    report_week_id: Mapped[ReportWeekId | None]
    dimension_type: Mapped[str] = mapped_column(String(100))
    dimension_value: Mapped[str] = mapped_column(String(255))
    clicks: Mapped[Count | None]
    impressions: Mapped[Count | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 2), server_default="0")
    leads: Mapped[Count | None]
    qualified_leads: Mapped[Count | None]
    created_at: Mapped[Now]


class PipelineStageCount(Base):
    """How many candidates stand in one stage of a tenant's pipeline."""

    __tablename__ = "pipeline_stage_counts"

    tenant_id: Mapped[TenantId]
    report_week_id: Mapped[ReportWeekId | None]
    stage: Mapped[str] = mapped_column(String(100))
    count: Mapped[Count | None]
    created_at: Mapped[Now]


class HotListItem(Base):
    """A candidate close to signing; `iff` is the initial franchise fee."""

    __tablename__ = "hot_list_items"

    tenant_id: Mapped[TenantId]
    report_week_id: Mapped[ReportWeekId | None]
    candidate_name: Mapped[str] = mapped_column(String(255))
    market: Mapped[str | None] = mapped_column(String(255))
    units: Mapped[Count | None]
    weighted_units: Mapped[Decimal | None] = mapped_column(Numeric(10, 2), server_default="0")
    iff: Mapped[Decimal | None] = mapped_column(Numeric(12, 2), server_default="0")
    weighted_iff: Mapped[Decimal | None] = mapped_column(Numeric(12, 2), server_default="0")
    sales_lead: Mapped[str | None] = mapped_column(String(255))
    stage: Mapped[str | None] = mapped_column(String(100))
    likely_pct: Mapped[Count | None]
    raw_json: Mapped[Json | None]
    created_at: Mapped[Now]


# Sync and configuration


class SyncRun(Base):
    """One run of the hourly CRM import for one tenant."""

    __tablename__ = "sync_runs"

    tenant_id: Mapped[TenantId] = mapped_column(index=True)
    started_at: Mapped[Now]
    finished_at: Mapped[datetime | None]
    status: Mapped[SyncStatus] = mapped_column(enum_type(SyncStatus, "sync_status"), server_default=SyncStatus.RUNNING)
    error_message: Mapped[str | None]
    records_updated: Mapped[Count | None]


class CtRawSnapshot(Base):
    """An answer of the CRM as it came."""

    __tablename__ = "ct_raw_snapshots"

    tenant_id: Mapped[TenantId] = mapped_column(index=True)
    endpoint: Mapped[str] = mapped_column(String(255), index=True)
    fetched_at: Mapped[Now]
    payload_json: Mapped[Json | None]


class TenantFieldMapping(Base):
    """How a tenant's CRM fields are read."""

    __tablename__ = "tenant_field_mappings"

    tenant_id: Mapped[TenantId]
    lead_source_field: Mapped[str | None] = mapped_column(String(255))
    qualified_lead_logic: Mapped[Json | None]
    pipeline_stage_mapping: Mapped[Json | None]
    custom_field_mappings: Mapped[Json | None]
    updated_at: Mapped[Now]


class AuditLog(Base):
    """Who did what; an entry outlives its tenant."""

    __tablename__ = "audit_log"

    actor_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    tenant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(100))
    metadata_json: Mapped[Json | None]
    created_at: Mapped[Now]
