"""A shop of two tables in each tool's language."""

from __future__ import annotations

SQLALCHEMY, DRIZZLE, DJANGO = "models.py", "schema.ts", "shop/models.py"

FILES = {
    SQLALCHEMY: """\
from sqlalchemy import BigInteger, CheckConstraint, Computed, Enum, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    __table_args__ = (CheckConstraint("age > 0", name="customer_age_check"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text, Computed("lower(email)", persisted=True), nullable=True)
    name: Mapped[str | None] = mapped_column(Text)
    age: Mapped[int] = mapped_column(server_default="18")
    status: Mapped[str] = mapped_column(Enum("new", "paid", "closed", name="status"))


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (Index("orders_open_idx", "customer_id", postgresql_where=text("total > 0")),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
""",
    DRIZZLE: """\
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgEnum, pgPolicy, pgTable, pgView, text } from "drizzle-orm/pg-core";

export const status = pgEnum("status", ["new", "paid", "closed"]);

export const customer = pgTable("customer", {
  id: integer("id").primaryKey(),
  email: text("email").notNull(),
  label: text("label").generatedAlwaysAs(sql`lower(email)`),
  name: text("name"),
  age: integer("age").notNull().default(18),
  status: status("status").notNull(),
}, (t) => [
  check("customer_age_check", sql`age > 0`),
]);

export const orders = pgTable("orders", {
  id: integer("id").primaryKey(),
  customerId: integer("customer_id").notNull(),
  total: integer("total").notNull(),
  note: text("note"),
}, (t) => [
  index("orders_open_idx").on(t.customerId).where(sql`total > 0`),
]);
""",
    DJANGO: """\
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper


class Customer(models.Model):
    id = models.IntegerField(primary_key=True)
    email = models.TextField()
    label = models.GeneratedField(expression=Lower("email"), output_field=models.TextField(), db_persist=True)
    name = models.TextField(null=True)
    age = models.IntegerField(db_default=18)
    status = models.TextField(choices=[(each, each) for each in ("new", "paid", "closed")])

    class Meta:
        db_table = "customer"
        constraints = [models.CheckConstraint(condition=Q(age__gt=0), name="customer_age_check")]
        indexes = []


class Order(models.Model):
    id = models.IntegerField(primary_key=True)
    customer = models.IntegerField(db_column="customer_id")
    total = models.IntegerField()
    note = models.TextField(null=True)

    class Meta:
        db_table = "orders"
        indexes = [models.Index(fields=["customer"], name="orders_open_idx", condition=Q(total__gt=0))]
""",
}

ROWS = (
    """\
INSERT INTO customer (id, email, name, age, status)
SELECT n, 'c' || n || '@example.org', 'n' || n, 20 + n % 50, 'paid' FROM generate_series(1, 1000) n""",
    "INSERT INTO orders (id, customer_id, total, note) SELECT n, n, n, 'a note' FROM generate_series(1, 1000) n",
)
"""What fills the tables: nobody is younger than 20 or closed, and each order has a customer."""
