"""Unique keys, checks, exclusions, foreign keys and primary keys."""

from __future__ import annotations

from portal_edits.edit import BOTH, Edit
from portal_edits.rich import CHECK, EXCLUSION, KEY, OWNERLESS, arguments

_KEYS = "DATA_DEPENDENT INDEX_BUILD"
_REBUILT = f"{_KEYS} INDEX_DROPPED"
_SCAN = "DATA_DEPENDENT TABLE_SCAN"
_EMAIL = "    email: Mapped[str] = mapped_column(String(255), unique=True)\n"
_ACTOR = '    actor_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))\n'
_PUBLISHER = '    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))\n'
_AUDITED = 'mapped_column(ForeignKey("tenants.id", ondelete="SET NULL"))'
_MANUAL_WEEK = "    report_week_id: Mapped[ReportWeekId]\n    narrative_rich"
_PAIR = "'report_week_id', 'tenant_id'"
_AUDIT_KEY = "ALTER TABLE public.audit_log ALTER CONSTRAINT audit_log_actor_user_id_users_id_fk "

UNIQUE = (
    Edit(
        "a unique key added",
        (arguments("tenants", 'sa.UniqueConstraint("name")'),),
        hazards=_KEYS,
        holds=("SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'tenants_name_unique'",),
    ),
    Edit(
        "a unique key added, and rows are alike",
        (arguments("ct_raw_snapshots", 'sa.UniqueConstraint("tenant_id", "endpoint")'),),
        hazards=_KEYS,
        refused="no two rows of table public.ct_raw_snapshots have the same tenant_id, endpoint: ",
        mend="DELETE FROM ct_raw_snapshots c USING ct_raw_snapshots d "
        "WHERE (c.tenant_id, c.endpoint) = (d.tenant_id, d.endpoint) AND c.id > d.id",
    ),
    Edit(
        "a unique key over nulls that are not distinct added",
        (arguments("memberships", 'sa.UniqueConstraint("user_id", "tenant_id", postgresql_nulls_not_distinct=True)'),),
        hazards=_KEYS,
        on=BOTH,
    ),
    Edit(
        "a unique key that includes a column added",
        (arguments("users", 'sa.UniqueConstraint("invite_token", postgresql_include=["email"])'),),
        hazards=_KEYS,
    ),
    Edit("a unique key dropped", ((_EMAIL, _EMAIL.replace(", unique=True", "")),), hazards="INDEX_DROPPED"),
    Edit(
        "a unique key gets another column",
        ((KEY, KEY.replace('"timezone"', '"timezone", "status", name="tenants_name_timezone_unique"')),),
        rich=True,
        hazards=_REBUILT,
    ),
    Edit(
        "a unique key is no longer deferrable",
        ((KEY, KEY.replace(', deferrable=True, initially="DEFERRED"', "")),),
        rich=True,
        hazards=_REBUILT,
    ),
    Edit(
        "a unique key renamed",
        ((KEY, KEY.replace("deferrable", 'name="tenants_key", deferrable')),),
        rich=True,
        only=("ALTER TABLE public.tenants RENAME CONSTRAINT tenants_name_timezone_unique TO tenants_key",),
    ),
)

CHECKS = (
    Edit(
        "a check added",
        (arguments("lead_metrics", 'sa.CheckConstraint("clicks BETWEEN 0 AND impressions", name="clicks")'),),
        hazards=_SCAN,
    ),
    Edit(
        "a check of varchars in a list added",
        (
            arguments(
                "lead_metrics", "sa.CheckConstraint(\"dimension_type IN ('source', 'campaign', 'region')\", name='x')"
            ),
        ),
        hazards=_SCAN,
        settled=True,
    ),
    Edit(
        "a check added that rows violate",
        (arguments("lead_metrics", 'sa.CheckConstraint("leads > 1", name="leads")'),),
        hazards=_SCAN,
        refused="each row of table public.lead_metrics fulfils (leads > 1): 1 row is against it",
        mend="UPDATE lead_metrics SET leads = 2 WHERE leads = 1",
    ),
    Edit("a check changed", ((CHECK, CHECK.replace("> 2", "> 3")),), rich=True, hazards=_SCAN),
    Edit("a check dropped", ((f"        {CHECK},\n", ""),), rich=True),
    Edit(
        "a check renamed",
        ((CHECK, CHECK.replace('name="name"', 'name="letters"')),),
        rich=True,
        only=("ALTER TABLE public.tenants RENAME CONSTRAINT tenants_name_check TO tenants_letters_check",),
    ),
)

EXCLUSIONS = (
    Edit("an exclusion added", (arguments("report_weeks", EXCLUSION),), hazards=_KEYS),
    Edit(
        "an exclusion gets a condition and is deferrable",
        ((EXCLUSION, EXCLUSION[:-1] + ", where=sa.text(\"status = 'published'\"), deferrable=True)"),),
        rich=True,
        hazards=_REBUILT,
    ),
    Edit("an exclusion dropped", ((f"        {EXCLUSION},\n", ""),), rich=True, hazards="INDEX_DROPPED"),
    Edit(
        "an exclusion renamed",
        ((EXCLUSION, EXCLUSION.replace("period_excl", "no_overlap")),),
        rich=True,
        only=("ALTER TABLE public.report_weeks RENAME CONSTRAINT report_weeks_period_excl TO report_weeks_no_overlap",),
    ),
)

FOREIGN = (
    Edit(
        "a foreign key added",
        ((OWNERLESS, f'{OWNERLESS} = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))'),),
        rich=True,
        hazards=_SCAN,
    ),
    Edit(
        "a foreign key added that rows violate",
        ((OWNERLESS, f'{OWNERLESS} = mapped_column(ForeignKey("tenants.id"))'),),
        rich=True,
        hazards=_SCAN,
        refused="finds the requested_by that it refers to in table public.tenants: ",
        mend="UPDATE sync_runs SET requested_by = tenant_id",
    ),
    Edit(
        "a foreign key of two columns and the key it needs added",
        (
            arguments("report_weeks", 'sa.UniqueConstraint("id", "tenant_id")'),
            arguments(
                "report_exports",
                f"sa.ForeignKeyConstraint([{_PAIR}], ['report_weeks.id', 'report_weeks.tenant_id'])",
            ),
        ),
        hazards="DATA_DEPENDENT INDEX_BUILD TABLE_SCAN",
        on=BOTH,
    ),
    Edit(
        "a foreign key dropped",
        ((_ACTOR, "    actor_user_id: Mapped[uuid.UUID | None]\n"),),
        only=("ALTER TABLE public.audit_log DROP CONSTRAINT audit_log_actor_user_id_users_id_fk",),
    ),
    Edit(
        "a foreign key does something else on delete",
        ((_AUDITED, _AUDITED.replace("SET NULL", "CASCADE")),),
        hazards=_SCAN,
        only=("ALTER TABLE public.audit_log ",),
    ),
    Edit(
        "a foreign key does something on update",
        ((_PUBLISHER, _PUBLISHER.replace('"users.id"', '"users.id", onupdate="CASCADE"')),),
        hazards=_SCAN,
    ),
    Edit(
        "a foreign key becomes deferrable",
        ((_ACTOR, _ACTOR.replace('"users.id"', '"users.id", deferrable=True')),),
        only=(f"{_AUDIT_KEY}DEFERRABLE",),
    ),
    Edit(
        "a foreign key becomes deferred",
        ((_ACTOR, _ACTOR.replace('"users.id"', '"users.id", deferrable=True, initially="DEFERRED"')),),
        only=(f"{_AUDIT_KEY}DEFERRABLE INITIALLY DEFERRED",),
    ),
    Edit(
        "a foreign key renamed",
        ((_ACTOR, _ACTOR.replace('"users.id"', '"users.id", name="audit_log_actor_fk"')),),
        only=("ALTER TABLE public.audit_log RENAME CONSTRAINT ",),
    ),
    Edit(
        "a foreign key leads to another table",
        (
            (_PUBLISHER, _PUBLISHER.replace("users.id", "memberships.id")),
            ("    publisher: Mapped[User | None] = relationship()\n", ""),
        ),
        hazards=_SCAN,
        refused="finds the published_by that it refers to in table public.memberships: ",
        mend="UPDATE report_weeks SET published_by = NULL",
    ),
)

PRIMARY = (
    Edit(
        "a primary key renamed",
        (arguments("sessions", 'sa.PrimaryKeyConstraint("id", name="pk_sessions")'),),
        only=("ALTER TABLE public.sessions RENAME CONSTRAINT sessions_pkey TO pk_sessions",),
    ),
    Edit(
        "a primary key renamed that others refer to",
        (arguments("users", 'sa.PrimaryKeyConstraint("id", name="pk_users")'),),
        only=("ALTER TABLE public.users RENAME CONSTRAINT users_pkey TO pk_users",),
    ),
    Edit(
        "a primary key on another column",
        (
            (
                _MANUAL_WEEK,
                "    id: Mapped[uuid.UUID] = mapped_column(server_default=sa.func.gen_random_uuid(), sort_order=-1)\n"
                + _MANUAL_WEEK.replace("]\n", "] = mapped_column(primary_key=True)\n"),
            ),
        ),
        hazards=_REBUILT,
    ),
    Edit(
        "a primary key gets a second column",
        (arguments("tenant_branding", 'sa.PrimaryKeyConstraint("id", "tenant_id")'),),
        hazards=_REBUILT,
    ),
)

CONSTRAINTS = (*UNIQUE, *CHECKS, *EXCLUSIONS, *FOREIGN, *PRIMARY)
