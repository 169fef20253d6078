"""What the portal's schema does not have: edits that change and drop such things begin where these were made."""

from __future__ import annotations

from portal_edits.edit import BOTH, UNSAID, Edit, Text

CHECK = 'sa.CheckConstraint("length(name) > 2", name="name", comment="three letters at least")'
KEY = 'sa.UniqueConstraint("name", "timezone", deferrable=True, initially="DEFERRED")'
TABLE_COMMENT = '{"comment": "clients of the agency"}'
COLUMN_COMMENT = 'comment="as the contract says"'
EXCLUSION = (
    'pg.ExcludeConstraint((sa.text("tsrange(period_start_at, period_end_at)"), "&&"), '
    'name="report_weeks_period_excl", using="gist")'
)
PARTIAL = (
    'sa.Index("report_weeks_published_idx", "tenant_id", "published_at", '
    "postgresql_where=sa.text(\"status = 'published'\"))"
)
EXPRESSION = 'sa.Index("users_lower_email_idx", sa.text("lower(email)"))'
COVERING = 'sa.Index("lead_metrics_latest_idx", "tenant_id", sa.text("created_at DESC"), postgresql_include=["leads"])'
GENERATED = 'total: Mapped[int | None] = mapped_column(sa.Computed("clicks + impressions", persisted=True))'
IDENTITY = (
    "number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True, start=100, increment=5), unique=True)"
)
NUMBERED = "number: Mapped[int] = mapped_column(SYNC_NUMBERS, server_default=SYNC_NUMBERS.next_value())"
OWNERLESS = "requested_by: Mapped[uuid.UUID | None]"
INVOICES = 'sa.Sequence("invoice_numbers", start=1000, metadata=Base.metadata)'
NOTES_ID = 'sa.Column("id", sa.Integer, primary_key=True)'
NOTES = f"""
NOTES = sa.Table(
    "notes",
    Base.metadata,
    {NOTES_ID},
    sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="what was said"),
)
"""
ON_TYPE = "COMMENT ON TYPE public.user_status IS 'how far a user is'"
ON_INDEX = "COMMENT ON INDEX public.memberships_user_id_idx IS 'who is where'"
_END = (
    "    action: Mapped[str] = mapped_column(String(100))\n    metadata_json: Mapped[Json | None]\n"
    "    created_at: Mapped[Now]\n"
)


def commented(statement: str) -> str:
    """Return what makes create_all() say this in the end."""
    return f'\nsa.event.listen(Base.metadata, "after_create", sa.DDL("{statement}"))\n'


def arguments(table: str, *listed: str) -> Text:
    """Return the text that gives a model without any these table arguments."""
    inside = "".join(f"        {each},\n" for each in listed)
    name = f'    __tablename__ = "{table}"\n'
    return name, f"{name}    __table_args__ = (\n{inside}    )\n"


RICH: tuple[Text, ...] = (
    arguments("tenants", CHECK, KEY, TABLE_COMMENT),
    (
        "    name: Mapped[str] = mapped_column(String(255))\n",
        f"    name: Mapped[str] = mapped_column(String(255), {COLUMN_COMMENT})\n",
    ),
    arguments("users", EXPRESSION),
    arguments("report_weeks", EXCLUSION, PARTIAL),
    arguments("lead_metrics", COVERING),
    (
        "    qualified_leads: Mapped[Count | None]\n",
        f"    qualified_leads: Mapped[Count | None]\n    {GENERATED}\n",
    ),
    ("# Sync and configuration\n", f'SYNC_NUMBERS = sa.Sequence("sync_numbers", metadata=Base.metadata)\n{INVOICES}\n'),
    (
        "    records_updated: Mapped[Count | None]\n",
        f"    records_updated: Mapped[Count | None]\n    {NUMBERED}\n    {OWNERLESS}\n",
    ),
    (_END, f"{_END}    {IDENTITY}\n\n{NOTES}{commented(ON_TYPE)}{commented(ON_INDEX)}"),
)

RICH_ROWS = """
UPDATE sync_runs SET requested_by = (SELECT id FROM users WHERE email = 'User' || 1 + number % 12 || '@example.com');
INSERT INTO notes (tenant_id, body) SELECT id, 'a note about ' || name FROM tenants ORDER BY name;
SELECT setval('invoice_numbers', 1234);
"""
"""The rows that a database filled before gets on top."""

ENRICHED = Edit(
    "everything that the portal has not, at once",
    RICH,
    hazards="DATA_DEPENDENT INDEX_BUILD TABLE_REWRITE TABLE_SCAN",
    on=BOTH,
    values={
        "lead_metrics.total": "clicks + impressions",
        "sync_runs.number": UNSAID,
        "sync_runs.requested_by": "NULL",
        "audit_log.number": UNSAID,
    },
)
