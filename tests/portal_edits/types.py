"""Columns that change their type, with what depends on it: defaults, indexes, keys."""

from __future__ import annotations

from portal_edits.edit import BOTH, Edit, Text

_ENDPOINT = "    endpoint: Mapped[str] = mapped_column(String(255), index=True)\n"
_CANDIDATE = "    candidate_name: Mapped[str] = mapped_column(String(255))\n"
_CLICKS = "    clicks: Mapped[Count | None]\n"
_UNITS = "    units: Mapped[Count | None]\n"
_COST = '    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 2), server_default="0")\n'
_WEEK = "    week_ending_date: Mapped[date] = mapped_column(index=True)\n"
_STATUS = (
    "    status: Mapped[ReportWeekStatus] = mapped_column(\n"
    '        enum_type(ReportWeekStatus, "report_week_status"), server_default=ReportWeekStatus.DRAFT\n'
    "    )\n"
)
_NARRATIVE = "    narrative_rich: Mapped[str | None]\n"
_DIMENSION = "    dimension_type: Mapped[str] = mapped_column(String(100))\n"
_DIMENSIONS = (
    "class Dimension(StrEnum):\n"
    '    SOURCE = "source"\n    CAMPAIGN = "campaign"\n    REGION = "region"\n\n\nclass LeadMetric(Base):\n'
)
_REWRITE = "DATA_DEPENDENT TABLE_REWRITE"


def as_(line: str, old: str, new: str) -> tuple[Text, ...]:
    """Return the edit of one line."""
    assert old in line
    return ((line, line.replace(old, new)),)


TYPES = (
    Edit(
        "a varchar longer",
        as_(_CANDIDATE, "255", "300"),
        only=("ALTER TABLE public.hot_list_items ALTER COLUMN candidate_name TYPE character varying(300)",),
    ),
    Edit(
        "a varchar shorter, and every value fits",
        as_(_CANDIDATE, "255", "12"),
        hazards=_REWRITE,
    ),
    Edit(
        "a varchar shorter, and a value does not fit",
        as_(_CANDIDATE, "255", "11"),
        hazards=_REWRITE,
        refused="hot_list_items.candidate_name fits character varying(11): ",
        mend="UPDATE hot_list_items SET candidate_name = left(candidate_name, 11)",
    ),
    Edit(
        "an indexed varchar becomes text",
        as_(_ENDPOINT, "String(255), ", ""),
    ),
    Edit(
        "a unique text becomes a varchar",
        as_("    token: Mapped[str] = mapped_column(unique=True)\n", "unique", "String(80), unique"),
        hazards=_REWRITE,
    ),
    Edit(
        "an integer becomes a bigint",
        ((_CLICKS, '    clicks: Mapped[int | None] = mapped_column(sa.BigInteger, server_default=sa.text("0"))\n'),),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "an integer becomes a smallint",
        ((_UNITS, '    units: Mapped[int | None] = mapped_column(sa.SmallInteger, server_default=sa.text("0"))\n'),),
        hazards=_REWRITE,
    ),
    Edit(
        "an integer becomes a smallint, and a value is too big",
        (
            (
                "    impressions: Mapped[Count | None]\n",
                '    impressions: Mapped[int | None] = mapped_column(sa.SmallInteger, server_default=sa.text("0"))\n',
            ),
        ),
        hazards=_REWRITE,
        refused="lead_metrics.impressions fits smallint: ",
        mend="UPDATE lead_metrics SET impressions = 32767 WHERE impressions > 32767",
    ),
    Edit(
        "an integer becomes a numeric",
        ((_UNITS, '    units: Mapped[Decimal | None] = mapped_column(Numeric(8, 1), server_default="0")\n'),),
        hazards=_REWRITE,
        values={"hot_list_items.units": "units::numeric(8, 1)"},
    ),
    Edit(
        "an integer becomes a text",
        ((_UNITS, '    units: Mapped[str | None] = mapped_column(server_default="none")\n'),),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "a numeric gets more digits behind the point",
        as_(_COST, "12, 2", "16, 4"),
        hazards="TABLE_REWRITE",
        values={"lead_metrics.cost": "cost::numeric(16, 4)"},
    ),
    Edit(
        "a numeric gets more digits before the point",
        as_(_COST, "12, 2", "16, 2"),
        only=("ALTER TABLE public.lead_metrics ALTER COLUMN cost ",),
    ),
    Edit(
        "a numeric gets fewer digits behind the point",
        as_(_COST, "12, 2", "12, 1"),
        hazards="DELETES_DATA TABLE_REWRITE",
        refused="lead_metrics.cost fits numeric(12,1): 15 rows are against it",
        mend="UPDATE lead_metrics SET cost = round(cost, 1)",
        values={"lead_metrics.cost": "cost::numeric(12, 1)"},
    ),
    Edit(
        "a text becomes a varchar, and a value is too long",
        ((_NARRATIVE, "    narrative_rich: Mapped[str | None] = mapped_column(String(13))\n"),),
        hazards=_REWRITE,
        refused=" fits character varying(13): ",
        mend="UPDATE report_week_manual SET narrative_rich = replace(narrative_rich, 'Week', 'W')",
    ),
    Edit(
        "an enum becomes a varchar, and a value is too long",
        ((_STATUS, '    status: Mapped[str] = mapped_column(String(8), server_default="draft")\n'),),
        hazards=_REWRITE,
        refused=" fits character varying(8): ",
        mend="UPDATE report_weeks SET status = 'draft'",
    ),
    Edit(
        "a timestamp without fractions of a second",
        (
            (
                "    finished_at: Mapped[datetime | None]\n",
                "    finished_at: Mapped[datetime | None] = mapped_column(pg.TIMESTAMP(precision=0))\n",
            ),
        ),
        hazards="DELETES_DATA TABLE_REWRITE",
    ),
    Edit(
        "a numeric becomes an integer",
        ((_COST, '    cost: Mapped[int | None] = mapped_column(server_default="0")\n'),),
        hazards="DATA_DEPENDENT DELETES_DATA TABLE_REWRITE",
        refused="lead_metrics.cost fits integer: 23 rows are against it",
        mend="UPDATE lead_metrics SET cost = round(cost)",
        values={"lead_metrics.cost": "cost::integer"},
    ),
    Edit(
        "a timestamp gets a time zone",
        as_("    expires_at: Mapped[datetime]\n", "]", "] = mapped_column(sa.DateTime(timezone=True))"),
        hazards="TABLE_REWRITE",
        values={"sessions.expires_at": "expires_at AT TIME ZONE 'UTC'"},
    ),
    Edit(
        "an indexed date becomes a timestamp",
        ((_WEEK, "    week_ending_date: Mapped[datetime] = mapped_column(index=True)\n"),),
        hazards=_REWRITE,
        values={"report_weeks.week_ending_date": "week_ending_date::timestamp"},
    ),
    Edit(
        "a text becomes a jsonb",
        (("    needs_rich: Mapped[str | None]\n", "    needs_rich: Mapped[Json | None]\n"),),
        hazards=_REWRITE,
    ),
    Edit(
        "a text becomes a jsonb, and a value is none",
        ((_NARRATIVE, "    narrative_rich: Mapped[Json | None]\n"),),
        hazards=_REWRITE,
        refused="invalid input syntax for type json",
        mend="UPDATE report_week_manual SET narrative_rich = to_jsonb(narrative_rich)",
        partly=True,
    ),
    Edit(
        "a jsonb becomes a json",
        (
            (
                "    payload_json: Mapped[Json | None]\n",
                "    payload_json: Mapped[Json | None] = mapped_column(pg.JSON)\n",
            ),
        ),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "a uuid becomes a text",
        (
            (
                '    actor_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))\n',
                "    actor_user_id: Mapped[str | None]\n",
            ),
        ),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "a text becomes an enum",
        (
            ("class LeadMetric(Base):\n", _DIMENSIONS),
            *as_(_DIMENSION, "String(100)", 'enum_type(Dimension, "dimension")'),
        ),
        hazards=_REWRITE,
        on=BOTH,
    ),
    Edit(
        "an enum with a default becomes a varchar",
        ((_STATUS, '    status: Mapped[str] = mapped_column(String(20), server_default="draft")\n'),),
        hazards=_REWRITE,
    ),
    Edit(
        "an enum becomes another enum",
        (('enum_type(UserStatus, "user_status")', 'enum_type(UserStatus, "account_status")'),),
        flags=("--drop=public.user_status",),
        hazards=_REWRITE,
    ),
    Edit(
        "an enum becomes an array of it",
        (
            (
                'enum_type(MembershipRole, "membership_role")',
                'pg.ARRAY(enum_type(MembershipRole, "membership_role"))',
            ),
        ),
        hazards="TABLE_REWRITE",
        values={"memberships.role": "ARRAY[role]"},
    ),
    Edit(
        "a collation added",
        as_(_CANDIDATE, "255", '255, collation="C"'),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "a collation added to an indexed column",
        as_(_ENDPOINT, "255", '255, collation="POSIX"'),
        hazards="TABLE_REWRITE",
    ),
)
