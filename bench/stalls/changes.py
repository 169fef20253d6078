"""The changes that are measured: one file each in cases/, with the schema before and after it, for each tool.

A text of a schema holds both: a line that ends in the comment `before` is there only before the change, one that ends
in `after` only after it. `{columns}` stands for the columns that every table of orders has. Values are SQL in which
`{i}` is the number of the row and `{rows}` how many there are; `{placed_on}` and so on stand for those of a column.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.stalls.terminal import Answer

Side = Literal["before", "after"]

_CASES = Path(__file__).with_name("cases")
_COLUMNS = """
  customer_id bigint NOT NULL,
  code text NOT NULL,
  status text NOT NULL,
  amount numeric(10, 2) NOT NULL,
  placed_on date NOT NULL,
  note text NOT NULL
"""
_DRIZZLE = """\
import { sql } from "drizzle-orm";
import {
  bigint, check, date, foreignKey, index, integer, numeric, pgEnum, pgTable, primaryKey, text, unique, uuid, varchar,
} from "drizzle-orm/pg-core";

const big = (name: string) => bigint(name, { mode: "number" });
const columns = {
  customerId: big("customer_id").notNull(),
  code: text("code").notNull(),
  status: text("status").notNull(),
  amount: numeric("amount", { precision: 10, scale: 2 }).notNull(),
  placedOn: date("placed_on").notNull(),
  note: text("note").notNull(),
};

"""
_ORDERS = {
    "id": "{i}",
    "customer_id": "mod({i}, {rows} / 10) + 1",
    "code": "'C-' || {i}",
    "status": "'open'",
    "amount": "mod({i}, 90000) / 100.0 + 1",
    "placed_on": "date '2025-01-01' + ({i} * 300 / {rows})::int",
    "note": "repeat(md5({i}::text), 3)",
}
_TENTH = 10
"""How many rows of orders there are for one of another table."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what the page calls it, its schema for each tool, and how its tables are filled and used.

    `renames` are those that Mizzle is told of, `postgres` the major it plans for where that is not the server's.
    `contract`: Mizzle makes it in two migrations, expand and contract. `answer` is what a person tells drizzle-kit
    when it asks. `without` says of a peer why it does not take part.
    """

    name: str
    title: str
    order: int
    sql: str
    fill: Mapping[str, Mapping[str, str]]
    loaded: Mapping[str, str]
    key: Sequence[str]
    drizzle: str = ""
    alembic: str = ""
    answer: Answer | None = None
    postgres: int | None = None
    contract: bool = False
    renames: Mapping[str, str] | None = None
    without: Mapping[str, str] | None = None

    def ddl(self, side: Side) -> str:
        """Return the schema as SQL."""
        return _side(self.sql, side, "--").replace("{columns}", _COLUMNS.strip())

    def typescript(self, side: Side) -> str:
        """Return the schema as drizzle-kit reads it."""
        return _DRIZZLE + _side(self.drizzle, side, "//")

    def loading(self, rows: int) -> Iterator[str]:
        """Yield the statements that fill the tables: orders with so many rows, others with a tenth of it."""
        for table, values in self.fill.items():
            told = {**values, **self.loaded} if table == "orders" else values
            number = rows if table == "orders" else rows // _TENTH
            written = ", ".join(_filled(value, "i", rows) for value in told.values())
            source = f"generate_series(1::bigint, {number}) AS i"
            yield f"INSERT INTO public.{table} ({', '.join(told)}) SELECT {written} FROM {source}"

    def statements(self, rows: int) -> dict[str, str]:
        """Return what clients do, by a word for it; each takes the number of a row, `i`."""
        values = {name: _filled(value, "%(i)s::bigint", rows) for name, value in self.fill["orders"].items()}
        where = " AND ".join(f"{name} = {values[name]}" for name in self.key)
        return {
            "INSERT": f"INSERT INTO public.orders ({', '.join(values)}) VALUES ({', '.join(values.values())})",
            "UPDATE": f"UPDATE public.orders SET amount = amount + 1 WHERE {where}",
            "SELECT": f"SELECT id, customer_id, status, amount, placed_on, note FROM public.orders WHERE {where}",
        }


def load(names: Sequence[str] = ()) -> list[Change]:
    """Return the changes of these names, or all, in the order of the page. Raises ValueError for an unknown name."""
    found = {file.stem: _read(file) for file in _CASES.glob("*.toml")}
    if unknown := set(names) - set(found):
        raise ValueError(f"no such change: {', '.join(sorted(unknown))}; there are {', '.join(sorted(found))}")
    return sorted((found[name] for name in names or found), key=lambda change: change.order)


def _read(file: Path) -> Change:
    told: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    others = told.pop("fill", {})
    orders = {**_ORDERS, **others.pop("orders", {})}
    optional = {"key": ("id",), "loaded": {}, **told}
    if "answer" in told:
        optional["answer"] = Answer(**told["answer"])
    return Change(name=file.stem, fill={**others, "orders": orders}, **optional)


def _side(text: str, side: Side, comment: str) -> str:
    other = "after" if side == "before" else "before"
    lines = (line for line in text.strip().splitlines() if not line.endswith(f"{comment} {other}"))
    return "".join(f"{line.removesuffix(f'{comment} {side}').rstrip()}\n" for line in lines)


def _filled(value: str, number: str, rows: int) -> str:
    return value.replace("{i}", number).replace("{rows}", str(rows))
