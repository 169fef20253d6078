"""Columns whose values PostgreSQL makes: generated ones, identities, those with a sequence."""

from __future__ import annotations

from portal_edits.edit import BOTH, Edit
from portal_edits.rich import GENERATED, IDENTITY, NOTES_ID, NUMBERED

_CLICKS = "    clicks: Mapped[Count | None]\n"
_RECORDS = "    records_updated: Mapped[Count | None]\n"
_NUMBERS = 'NUMBERS = sa.Sequence("run_numbers", start=10, metadata=Base.metadata)\n'
_NUMBERED = "NUMBERS, server_default=NUMBERS.next_value()"

EXPRESSIONS = (
    Edit(
        "the expression of a generated column changed",
        (('"clicks + impressions"', '"clicks * 2"'),),
        rich=True,
        hazards="TABLE_REWRITE",
        values={"lead_metrics.total": "clicks * 2"},
        on=BOTH,
    ),
    Edit(
        "a generated column becomes an ordinary one",
        ((GENERATED, "total: Mapped[int | None]"),),
        rich=True,
        only=("ALTER TABLE public.lead_metrics ALTER COLUMN total DROP EXPRESSION",),
    ),
    Edit(
        "an ordinary column becomes a generated one",
        (
            (
                "    qualified_leads: Mapped[Count | None]\n",
                '    qualified_leads: Mapped[int | None] = mapped_column(sa.Computed("leads / 2", persisted=True))\n',
            ),
        ),
        hazards="DELETES_DATA TABLE_REWRITE",
        values={"lead_metrics.qualified_leads": "leads / 2"},
        undone={"lead_metrics.qualified_leads": "leads / 2"},
    ),
    Edit(
        "a column changes its type under a generated one",
        (
            (_CLICKS, '    clicks: Mapped[int | None] = mapped_column(sa.BigInteger, server_default=sa.text("0"))\n'),
            (GENERATED, GENERATED.replace("sa.Computed", "sa.BigInteger, sa.Computed")),
        ),
        rich=True,
        hazards="TABLE_REWRITE",
    ),
)

IDENTITIES = (
    Edit(
        "an identity becomes one by default, with other options",
        (
            (
                IDENTITY,
                IDENTITY.replace("always=True, start=100, increment=5", "start=7, increment=2, cycle=True, cache=3"),
            ),
        ),
        rich=True,
        only=("ALTER TABLE public.audit_log ALTER COLUMN number SET",),
        holds=(
            "INSERT INTO audit_log (action, number) VALUES ('x', 1) RETURNING true",
            "INSERT INTO audit_log (action) VALUES ('x') RETURNING number > 195",
        ),
        on=BOTH,
    ),
    Edit(
        "an identity dropped, its numbers kept",
        ((IDENTITY, "number: Mapped[int] = mapped_column(sa.BigInteger, unique=True)"),),
        rich=True,
        only=("ALTER TABLE public.audit_log ALTER COLUMN number DROP IDENTITY",),
    ),
    Edit(
        "a column becomes an identity",
        ((_RECORDS, "    records_updated: Mapped[int] = mapped_column(sa.Identity())\n"),),
        hazards="DATA_DEPENDENT TABLE_SCAN",
        holds=("INSERT INTO sync_runs (tenant_id) SELECT id FROM tenants LIMIT 1 RETURNING records_updated = 55",),
    ),
    Edit(
        "a column with numbers gets a sequence",
        (
            ("# Sync and configuration\n", _NUMBERS),
            (
                _RECORDS,
                f"    records_updated: Mapped[int | None] = mapped_column({_NUMBERED})\n",
            ),
        ),
        holds=("INSERT INTO sync_runs (tenant_id) SELECT id FROM tenants LIMIT 1 RETURNING records_updated = 55",),
    ),
    Edit(
        "a serial key becomes an identity",
        ((NOTES_ID, 'sa.Column("id", sa.Integer, sa.Identity(), primary_key=True)'),),
        rich=True,
        hazards="DELETES_DATA",
        holds=("INSERT INTO notes (tenant_id, body) SELECT id, '' FROM tenants LIMIT 1 RETURNING id = 7",),
    ),
    Edit(
        "a serial key becomes a bigserial one",
        ((NOTES_ID, 'sa.Column("id", sa.BigInteger, primary_key=True)'),),
        rich=True,
        hazards="TABLE_REWRITE",
        holds=("INSERT INTO notes (tenant_id, body) SELECT id, '' FROM tenants LIMIT 1 RETURNING id = 7",),
    ),
    Edit(
        "a column's sequence becomes its identity",
        (
            (NUMBERED, "number: Mapped[int] = mapped_column(sa.Identity())"),
            ('SYNC_NUMBERS = sa.Sequence("sync_numbers", metadata=Base.metadata)\n', ""),
        ),
        rich=True,
        hazards="DELETES_DATA",
        holds=("INSERT INTO sync_runs (tenant_id) SELECT id FROM tenants LIMIT 1 RETURNING number = 19",),
    ),
)

COMPUTED = (*EXPRESSIONS, *IDENTITIES)
