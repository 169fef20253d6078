"""Tables, sequences and comments."""

from __future__ import annotations

from portal_edits.edit import BOTH, Edit
from portal_edits.rich import (
    CHECK,
    COLUMN_COMMENT,
    INVOICES,
    NOTES,
    NUMBERED,
    ON_INDEX,
    ON_TYPE,
    TABLE_COMMENT,
    arguments,
    commented,
)

_END = """\
    action: Mapped[str] = mapped_column(String(100))
    metadata_json: Mapped[Json | None]
    created_at: Mapped[Now]
"""
_INVOICE = """

class Invoice(Base):
    __tablename__ = "invoices"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "number"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index(None, "due", postgresql_where=sa.text("NOT paid")),
        {"comment": "what a tenant owes"},
    )

    tenant_id: Mapped[TenantId] = mapped_column(index=True)
    number: Mapped[int] = mapped_column(sa.Identity())
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2), comment="in cents? no: in dollars")
    net: Mapped[Decimal] = mapped_column(sa.Computed("amount / 1.2", persisted=True))
    paid: Mapped[bool] = mapped_column(server_default=sa.text("false"))
    due: Mapped[date | None]
    replaced_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoices.id"))
"""
_EXPORTS = '''class ReportExport(Base):
    """A week printed to PDF."""

    __tablename__ = "report_exports"

    tenant_id: Mapped[TenantId]
    report_week_id: Mapped[ReportWeekId]
    pdf_url: Mapped[str | None]
    created_at: Mapped[Now]


'''
_NAME = "    name: Mapped[str] = mapped_column(String(255))\n"
_SEQUENCE = 'sa.Sequence("invoice_numbers", start=1000, metadata=Base.metadata)'

TABLES = (
    Edit("a table added", ((_END, _END + _INVOICE),), on=BOTH),
    Edit(
        "a table dropped",
        ((_EXPORTS, ""), ('    "ReportExport",\n', "")),
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        only=("DROP TABLE public.report_exports",),
        lost=("report_exports",),
    ),
    Edit(
        "a table with a serial key dropped",
        ((NOTES, ""),),
        rich=True,
        hazards="BREAKS_OLD_CODE DELETES_DATA",
        lost=("notes",),
    ),
    Edit(
        "a table renamed",
        (('"hot_list_items"', '"prospects"'),),
        flags=("--rename=public.hot_list_items:prospects",),
        hazards="BREAKS_OLD_CODE",
        only=(
            "ALTER TABLE public.hot_list_items RENAME TO prospects",
            "ALTER TABLE public.prospects RENAME CONSTRAINT",
        ),
    ),
    Edit(
        "a table renamed that others refer to",
        (
            ('    __tablename__ = "report_weeks"', '    __tablename__ = "weeks"'),
            ('ForeignKey("report_weeks.id"', 'ForeignKey("weeks.id"'),
        ),
        flags=("--rename=public.report_weeks:weeks",),
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE ", "ALTER INDEX public.report_weeks_"),
    ),
    Edit(
        "a table with a serial key renamed",
        (('    "notes",\n', '    "remarks",\n'),),
        flags=("--rename=public.notes:remarks",),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.", "ALTER SEQUENCE public.notes_id_seq RENAME"),
        holds=("INSERT INTO remarks (tenant_id, body) SELECT id, '' FROM tenants LIMIT 1 RETURNING id = 7",),
        on=BOTH,
    ),
    Edit(
        "a table and a column of it renamed",
        (('    "notes",\n', '    "remarks",\n'), ('"body"', '"text"')),
        flags=("--rename=public.notes:remarks", "--rename=public.notes.body:text"),
        rich=True,
        hazards="BREAKS_OLD_CODE",
        only=("ALTER TABLE public.", "ALTER SEQUENCE public.notes_id_seq RENAME"),
    ),
    Edit(
        "a table becomes unlogged",
        (arguments("ct_raw_snapshots", '{"prefixes": ["UNLOGGED"]}'),),
        hazards="TABLE_REWRITE",
    ),
    Edit(
        "a table gets a storage parameter",
        (arguments("sessions", '{"postgresql_with": {"fillfactor": 80}}'),),
        only=("ALTER TABLE public.sessions SET (",),
    ),
)

SEQUENCES = (
    Edit(
        "a sequence added",
        (("# Sync and configuration\n", f"{_SEQUENCE}\n"),),
        holds=("SELECT nextval('invoice_numbers') = 1000",),
    ),
    Edit(
        "a sequence changed",
        ((INVOICES, INVOICES.replace("start=1000", "start=1000, increment=10, cycle=True, cache=5, maxvalue=9999")),),
        rich=True,
        only=("ALTER SEQUENCE public.invoice_numbers", "SELECT setval"),
        holds=("SELECT nextval('invoice_numbers') = 1244",),
    ),
    Edit("a sequence dropped", ((INVOICES, ""),), rich=True, hazards="DELETES_DATA"),
    Edit(
        "a column lets its sequence go",
        (
            (NUMBERED, "number: Mapped[int]"),
            ('SYNC_NUMBERS = sa.Sequence("sync_numbers", metadata=Base.metadata)\n', ""),
        ),
        rich=True,
        hazards="DELETES_DATA",
    ),
)

COMMENTS = (
    Edit(
        "a comment on a table added",
        (arguments("tenants", '{"comment": "it\'s \\\\ 100 % \\"é\\""}'),),
        only=("COMMENT ON TABLE public.tenants",),
        holds=("""SELECT obj_description('tenants'::regclass) = 'it''s \\ 100 % "é"'""",),
    ),
    Edit(
        "a comment on a table changed",
        ((TABLE_COMMENT, '{"comment": "those who pay"}'),),
        rich=True,
        only=("COMMENT ON TABLE public.tenants",),
    ),
    Edit(
        "a comment on a table dropped",
        ((f"        {TABLE_COMMENT},\n", ""),),
        rich=True,
        only=("COMMENT ON TABLE public.tenants IS NULL",),
    ),
    Edit(
        "a comment on a column added",
        ((_NAME, '    name: Mapped[str] = mapped_column(String(255), comment="of the\\nfranchise; -- its own")\n'),),
        only=("COMMENT ON COLUMN public.tenants.name",),
    ),
    Edit(
        "a comment on a column changed",
        ((COLUMN_COMMENT, 'comment="as the sign says"'),),
        rich=True,
        only=("COMMENT ON COLUMN public.tenants.name",),
    ),
    Edit(
        "a comment on a column dropped",
        ((f", {COLUMN_COMMENT}", ""),),
        rich=True,
        only=("COMMENT ON COLUMN public.tenants.name IS NULL",),
    ),
    Edit(
        "a comment on a check changed",
        ((CHECK, CHECK.replace("three letters", "no empty name")),),
        rich=True,
        only=("COMMENT ON CONSTRAINT tenants_name_check ON public.tenants",),
    ),
    Edit(
        "a comment on a check dropped",
        ((CHECK, CHECK.partition(", comment")[0] + ")"),),
        rich=True,
        only=("COMMENT ON CONSTRAINT tenants_name_check ON public.tenants IS NULL",),
    ),
    Edit(
        "a comment on a type changed",
        ((ON_TYPE, ON_TYPE.replace("how far", "where")),),
        rich=True,
        only=("COMMENT ON TYPE public.user_status",),
    ),
    Edit(
        "a comment on a type dropped",
        ((commented(ON_TYPE), ""),),
        rich=True,
        only=("COMMENT ON TYPE public.user_status IS NULL",),
    ),
    Edit(
        "a comment on an index changed",
        ((ON_INDEX, ON_INDEX.replace("who", "which user")),),
        rich=True,
        only=("COMMENT ON INDEX public.memberships_user_id_idx",),
    ),
    Edit(
        "a comment on an index dropped",
        ((commented(ON_INDEX), ""),),
        rich=True,
        only=("COMMENT ON INDEX public.memberships_user_id_idx IS NULL",),
    ),
)
