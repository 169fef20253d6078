"""The edits of the shop that are tried, each in the languages that can say it."""

from __future__ import annotations

from collections.abc import Mapping

from bench.compare.shop import DJANGO, DRIZZLE, SQLALCHEMY

Edit = Mapping[str, tuple[str, str]]
"""By the name of a file: what is replaced by what, found in it once."""

_SA = "    {0}: Mapped[str | None] = mapped_column(Text)\n"
_TS = '  {0}: text("{0}"),\n'
_DJ = "    {0} = models.TextField(null=True)\n"


def column(name: str, *, after: str = "name") -> Edit:
    """Return the edit that adds a column of type text after another one."""
    lines = {SQLALCHEMY: _SA, DRIZZLE: _TS, DJANGO: _DJ}
    return {file: (line.format(after), line.format(after) + line.format(name)) for file, line in lines.items()}


def without(name: str) -> Edit:
    """Return the edit that takes a column of type text away."""
    return {file: (line.format(name), "") for file, line in {SQLALCHEMY: _SA, DRIZZLE: _TS, DJANGO: _DJ}.items()}


def labels(*words: str) -> Edit:
    """Return the edit that gives the enum these labels."""
    before, after = ('"new", "paid", "closed"', ", ".join(f'"{word}"' for word in words))
    return {
        SQLALCHEMY: (f"Enum({before}", f"Enum({after}"),
        DRIZZLE: (f"[{before}]", f"[{after}]"),
        DJANGO: (f"({before})", f"({after})"),
    }


RENAME: Edit = {
    SQLALCHEMY: (_SA.format("name"), _SA.format("full_name")),
    DRIZZLE: (_TS.format("name"), '  fullName: text("full_name"),\n'),
    DJANGO: (_DJ.format("name"), _DJ.format("full_name")),
}
NOT_NULL: Edit = {
    SQLALCHEMY: (_SA.format("name"), _SA.format("name") + "    city: Mapped[str] = mapped_column(Text)\n"),
    DRIZZLE: (_TS.format("name"), _TS.format("name") + '  city: text("city").notNull(),\n'),
    DJANGO: (_DJ.format("name"), _DJ.format("name") + "    city = models.TextField()\n"),
}
INDEX: Edit = {
    SQLALCHEMY: ('name="customer_age_check"),)', 'name="customer_age_check"), Index("customer_name_idx", "name"))'),
    DRIZZLE: ("sql`age > 0`),\n", 'sql`age > 0`),\n  index("customer_name_idx").on(t.name),\n'),
    DJANGO: ("indexes = []", 'indexes = [models.Index(fields=["name"], name="customer_name_idx")]'),
}
CONCURRENT_INDEX: Edit = {
    **INDEX,
    DRIZZLE: ("sql`age > 0`),\n", 'sql`age > 0`),\n  index("customer_name_idx").on(t.name).concurrently(),\n'),
}
FOREIGN_KEY: Edit = {
    SQLALCHEMY: (
        "customer_id: Mapped[int] = mapped_column(Integer)",
        'customer_id: Mapped[int] = mapped_column(Integer, ForeignKey("customer.id"))',
    ),
    DRIZZLE: (
        'integer("customer_id").notNull()',
        'integer("customer_id").notNull().references(() => customer.id)',
    ),
    DJANGO: (
        'models.IntegerField(db_column="customer_id")',
        'models.ForeignKey(Customer, models.DO_NOTHING, db_column="customer_id")',
    ),
}
TYPE: Edit = {
    SQLALCHEMY: ("total: Mapped[int] = mapped_column(Integer)", "total: Mapped[int] = mapped_column(BigInteger)"),
    DRIZZLE: ('total: integer("total")', 'total: bigint("total", { mode: "number" })'),
    DJANGO: ("total = models.IntegerField()", "total = models.BigIntegerField()"),
}
CHECK: Edit = {
    SQLALCHEMY: ("age > 0", "age >= 18"),
    DRIZZLE: ("age > 0", "age >= 18"),
    DJANGO: ("Q(age__gt=0)", "Q(age__gte=18)"),
}
GENERATED: Edit = {
    SQLALCHEMY: ("lower(email)", "upper(email)"),
    DRIZZLE: ("lower(email)", "upper(email)"),
    DJANGO: ('Lower("email")', 'Upper("email")'),
}
DEFAULT: Edit = {
    SQLALCHEMY: ('server_default="18"', 'server_default="21"'),
    DRIZZLE: ("default(18)", "default(21)"),
    DJANGO: ("db_default=18", "db_default=21"),
}
PREDICATE: Edit = {
    SQLALCHEMY: ("total > 0", "total > 10"),
    DRIZZLE: ("total > 0", "total > 10"),
    DJANGO: ("Q(total__gt=0)", "Q(total__gt=10)"),
}
COMMENT: Edit = {
    SQLALCHEMY: (
        _SA.format("name"),
        '    name: Mapped[str | None] = mapped_column(Text, comment="as on the passport")\n',
    ),
    DJANGO: (_DJ.format("name"), '    name = models.TextField(null=True, db_comment="as on the passport")\n'),
}
_ADULTS = "sql`select id from customer where age > 17`"
VIEW: Edit = {
    DRIZZLE: (
        "export const orders =",
        f'export const adults = pgView("adults", {{ id: integer("id") }}).as({_ADULTS});\n\nexport const orders =',
    ),
}
VIEW_CHANGED: Edit = {DRIZZLE: ("where age > 17", "where age > 20")}
POLICY: Edit = {
    DRIZZLE: ("sql`age > 0`),\n", 'sql`age > 0`),\n  pgPolicy("grown", { for: "select", using: sql`age > 17` }),\n'),
}
