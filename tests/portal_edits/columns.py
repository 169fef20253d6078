"""Columns added, dropped, renamed; their defaults, NOT NULL, identity, and what is generated."""

from __future__ import annotations

from portal_edits.edit import BOTH, UNSAID, Edit, Text
from portal_edits.rich import GENERATED, IDENTITY

_WEB_KEY = "    clienttether_web_key: Mapped[str | None]\n"
_HASH = "    password_hash: Mapped[str | None]\n"
_CLICKS = "    clicks: Mapped[Count | None]\n"
_ACTION = "    action: Mapped[str] = mapped_column(String(100))\n"
_RECORDS = "    records_updated: Mapped[Count | None]\n"
_TIMEZONE = '    timezone: Mapped[str] = mapped_column(String(100), server_default="America/New_York")\n'
_SESSION_USER = "    user_id: Mapped[UserId] = mapped_column(index=True)\n    token:"
_CURRENT_WEEK = (
    "current_week_id: Mapped[uuid.UUID | None] = mapped_column("
    'ForeignKey("report_weeks.id", name="tenants_current_week_fk", use_alter=True))'
)
_MEMBERSHIPS = (
    '    memberships: Mapped[list["Membership"]] = relationship('
    'back_populates="tenant", cascade="all", passive_deletes=True)\n'
)
_WEEKS_TENANT = """\
    tenant: Mapped[Tenant] = relationship(
        back_populates="report_weeks", foreign_keys="ReportWeek.tenant_id"
    )
"""
_NUMBERS = 'NUMBERS = sa.Sequence("run_numbers", start=10, metadata=Base.metadata)\n'


def added(after: str, line: str) -> tuple[Text, ...]:
    """Return the edit that puts a line behind another."""
    return ((after, f"{after}    {line}\n"),)


ADDED = (
    Edit(
        "a nullable column added",
        added(_WEB_KEY, "slug: Mapped[str | None]"),
        only=("ALTER TABLE public.tenants ADD COLUMN slug text",),
        values={"tenants.slug": "NULL"},
        on=BOTH,
    ),
    Edit(
        "a NOT NULL column with a default added",
        added(_HASH, 'verified: Mapped[bool] = mapped_column(server_default=sa.text("false"))'),
        values={"users.verified": "false"},
    ),
    Edit(
        "a column with a default that differs from row to row added",
        added(_HASH, "public_id: Mapped[uuid.UUID] = mapped_column(server_default=sa.func.gen_random_uuid())"),
        hazards="TABLE_REWRITE",
        values={"users.public_id": UNSAID},
        holds=("SELECT count(DISTINCT public_id) = 12 FROM users",),
    ),
    Edit(
        "a NOT NULL column without a default added",
        added(_HASH, "locale: Mapped[str]"),
        hazards="DATA_DEPENDENT",
        refused="table public.users holds no rows: they would have no value in new column public.users.locale: 12 rows",
        mend="DELETE FROM audit_log; DELETE FROM report_weeks; DELETE FROM users",
        values={"users.locale": UNSAID},
    ),
    Edit(
        "an array added",
        added(_HASH, 'tags: Mapped[list[str]] = mapped_column(pg.ARRAY(sa.Text), server_default="{}")'),
        values={"users.tags": "'{}'"},
    ),
    Edit(
        "a column with a key to its own table and an index added",
        added(_WEB_KEY, 'parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id"), index=True)'),
        hazards="DATA_DEPENDENT INDEX_BUILD TABLE_SCAN",
        values={"tenants.parent_id": "NULL"},
    ),
    Edit(
        "a column whose key makes a circle of two tables added",
        (
            *added(_WEB_KEY, _CURRENT_WEEK),
            (
                'relationship(\n        back_populates="tenant", cascade="all", passive_deletes=True\n    )',
                'relationship(\n        back_populates="tenant", foreign_keys="ReportWeek.tenant_id"\n    )',
            ),
            (
                '    tenant: Mapped[Tenant] = relationship(back_populates="report_weeks")\n',
                _WEEKS_TENANT,
            ),
        ),
        hazards="DATA_DEPENDENT TABLE_SCAN",
        values={"tenants.current_week_id": "NULL"},
    ),
    Edit(
        "a column that is generated added",
        added(
            _CLICKS, 'shown: Mapped[int | None] = mapped_column(sa.Computed("impressions - clicks", persisted=True))'
        ),
        hazards="TABLE_REWRITE",
        values={"lead_metrics.shown": "impressions - clicks"},
    ),
    Edit(
        "a column that is generated, it is not said how, added",
        added(_CLICKS, 'shown: Mapped[int | None] = mapped_column(sa.Computed("impressions - clicks"))'),
        on=(15,),
        hazards="TABLE_REWRITE",
        values={"lead_metrics.shown": "impressions - clicks"},
    ),
    Edit(
        "an identity column added",
        added(_ACTION, "number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True, start=100))"),
        hazards="TABLE_REWRITE",
        values={"audit_log.number": UNSAID},
        holds=(
            "SELECT (min(number), max(number), count(DISTINCT number)) = (100, 119, 20) FROM audit_log",
            "INSERT INTO audit_log (action) VALUES ('x') RETURNING number = 120",
        ),
    ),
    Edit(
        "a column with a sequence added",
        (
            ("# Sync and configuration\n", _NUMBERS),
            *added(_RECORDS, "number: Mapped[int] = mapped_column(NUMBERS, server_default=NUMBERS.next_value())"),
        ),
        hazards="TABLE_REWRITE",
        values={"sync_runs.number": UNSAID},
        holds=(
            "SELECT (min(number), max(number), count(DISTINCT number)) = (10, 27, 18) FROM sync_runs",
            "INSERT INTO sync_runs (tenant_id) SELECT id FROM tenants LIMIT 1 RETURNING number = 28",
        ),
    ),
    Edit(
        "a column with a name that must be quoted added",
        added(_WEB_KEY, "order_: Mapped[str | None] = mapped_column('Order é 100%', comment='it''s \"100 %\" \\\\ é')"),
        values={"tenants.Order é 100%": "NULL"},
    ),
)

DROPPED = (
    Edit(
        "a nullable column dropped",
        ((_WEB_KEY, ""),),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        undone={"tenants.clienttether_web_key": "NULL"},
    ),
    Edit(
        "a column with a default dropped",
        ((_TIMEZONE, ""),),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        undone={"tenants.timezone": "'America/New_York'"},
    ),
    Edit(
        "a NOT NULL column without a default dropped: the undo needs an empty table",
        (("    stage: Mapped[str] = mapped_column(String(100))\n", ""),),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        undo_refused="table public.pipeline_stage_counts holds no rows: they would have no value in new column ",
        undo_mend="DELETE FROM pipeline_stage_counts",
        lost=("pipeline_stage_counts",),
    ),
    Edit(
        "a column with a key and an index dropped",
        (
            ("    tenant_id: Mapped[TenantId | None] = mapped_column(index=True)\n    role", "    role"),
            ('    tenant: Mapped[Tenant | None] = relationship(back_populates="memberships")\n', ""),
            (_MEMBERSHIPS, ""),
        ),
        hazards="BREAKS_OLD_CODE DELETES_DATA INDEX_DROPPED",
        undone={"memberships.tenant_id": "NULL"},
    ),
    Edit(
        "an identity column with a unique key dropped",
        ((f"    {IDENTITY}\n", ""),),
        rich=True,
        hazards="BREAKS_OLD_CODE DELETES_DATA INDEX_DROPPED",
        undone={"audit_log.number": UNSAID},
    ),
    Edit(
        "a generated column dropped",
        ((f"    {GENERATED}\n", ""),),
        rich=True,
        hazards="BREAKS_OLD_CODE",
    ),
    Edit(
        "a column of a generated one dropped with it",
        ((f"    {GENERATED}\n", ""), (_CLICKS, "")),
        rich=True,
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        undone={"lead_metrics.clicks": "0", "lead_metrics.total": "impressions"},
    ),
    Edit(
        "a column dropped beside a new one like it",
        (("    needs_rich: Mapped[str | None]\n", "    wishes_rich: Mapped[str | None]\n"),),
        flags=("--drop=public.report_week_manual.needs_rich",),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        values={"report_week_manual.wishes_rich": "NULL"},
        undone={"report_week_manual.needs_rich": "NULL"},
    ),
)

RENAMED = (
    Edit(
        "a column renamed",
        (("    header_layout: ", "    page_layout: "),),
        flags=("--rename=public.tenant_branding.header_layout:page_layout",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.tenant_branding RENAME COLUMN header_layout TO page_layout",),
    ),
    Edit(
        "a column with a key and an index renamed",
        ((_SESSION_USER, _SESSION_USER.replace("user_id", "owner_id")),),
        flags=("--rename=public.sessions.user_id:owner_id",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.sessions RENAME ", "ALTER INDEX public.sessions_user_id_idx RENAME "),
    ),
    Edit(
        "a unique column renamed",
        (("    token: Mapped[str]", "    secret: Mapped[str]"),),
        flags=("--rename=public.sessions.token:secret",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.sessions RENAME ",),
    ),
    Edit(
        "a column renamed that an exclusion and an index use",
        (
            ("    period_start_at: ", "    begins_at: "),
            ("tsrange(period_start_at, ", "tsrange(begins_at, "),
            ("    published_at: ", "    out_at: "),
            ('"published_at", postgresql_where', '"out_at", postgresql_where'),
        ),
        flags=(
            "--rename=public.report_weeks.period_start_at:begins_at",
            "--rename=public.report_weeks.published_at:out_at",
        ),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.report_weeks RENAME COLUMN",),
        on=BOTH,
    ),
    Edit(
        "a column renamed that another is generated from",
        ((_CLICKS, _CLICKS.replace("clicks", "hits")), ('"clicks + impressions"', '"hits + impressions"')),
        flags=("--rename=public.lead_metrics.clicks:hits",),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.lead_metrics RENAME COLUMN",),
    ),
    Edit(
        "an identity column with a unique key renamed",
        ((IDENTITY, IDENTITY.replace("number", "entry")),),
        flags=("--rename=public.audit_log.number:entry",),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.audit_log RENAME ", "ALTER SEQUENCE public.audit_log_number_seq RENAME "),
    ),
)

NULLABLE = (
    Edit(
        "a column that is full becomes NOT NULL",
        ((_RECORDS, "    records_updated: Mapped[Count]\n"),),
        hazards="DATA_DEPENDENT TABLE_SCAN",
        only=("ALTER TABLE public.sync_runs ",),
    ),
    Edit(
        "a column with gaps becomes NOT NULL",
        (("    leads: Mapped[Count | None]\n", "    leads: Mapped[Count]\n"),),
        hazards="DATA_DEPENDENT TABLE_SCAN",
        refused="column public.lead_metrics.leads holds no NULL: ",
        mend="UPDATE lead_metrics SET leads = -1 WHERE leads IS NULL",
    ),
    Edit(
        "a NOT NULL column becomes nullable",
        (("    dimension_value: Mapped[str] ", "    dimension_value: Mapped[str | None] "),),
        only=("ALTER TABLE public.lead_metrics ALTER COLUMN dimension_value DROP NOT NULL",),
        undo_refused="column public.lead_metrics.dimension_value holds no NULL: 1 row is against it",
        then="UPDATE lead_metrics SET dimension_value = NULL WHERE clicks = 10",
        undo_mend="UPDATE lead_metrics SET dimension_value = '' WHERE dimension_value IS NULL",
        undone={"lead_metrics.dimension_value": "CASE WHEN clicks <> 10 THEN dimension_value ELSE '' END"},
    ),
)

DEFAULTS = (
    Edit(
        "a default added",
        (
            (
                "    name: Mapped[str | None] = mapped_column(String(255))",
                '    name: Mapped[str | None] = mapped_column(String(255), server_default="it\'s 100 % \\\\ \\"é\\"")',
            ),
        ),
        only=("ALTER TABLE public.users ALTER COLUMN name SET DEFAULT",),
        holds=("INSERT INTO users (email) VALUES ('x') RETURNING name = 'it''s 100 % \\ \"é\"'",),
    ),
    Edit(
        "a default changed",
        ((_TIMEZONE, _TIMEZONE.replace("America/New_York", "UTC")),),
        only=("ALTER TABLE public.tenants ALTER COLUMN timezone SET DEFAULT",),
    ),
    Edit(
        "a default dropped",
        ((', server_default="#1E40AF"', ""),),
        only=("ALTER TABLE public.tenant_branding ALTER COLUMN primary_color DROP DEFAULT",),
    ),
    Edit(
        "a function's default changed",
        (
            (
                "    started_at: Mapped[Now]\n",
                "    started_at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())\n",
            ),
        ),
        only=("ALTER TABLE public.sync_runs ALTER COLUMN started_at SET DEFAULT",),
    ),
    Edit(
        "the default of an enum's column changed",
        (("server_default=UserStatus.PENDING", "server_default=UserStatus.ACTIVE"),),
        only=("ALTER TABLE public.users ALTER COLUMN status SET DEFAULT",),
    ),
)

COLUMNS = (*ADDED, *DROPPED, *RENAMED, *NULLABLE, *DEFAULTS)
