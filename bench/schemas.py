"""Projects to measure: the portal itself (15 tables), and synthetic ones. The same size gives the same bytes.

A synthetic project has one module for each area of a business and up to 25 tables in each: typed declarative models
with uuid or identity keys, enums, foreign keys within their area and to the first one, unique constraints, checks,
indexes (partial and on expressions, too), defaults and comments.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PORTAL = Path(__file__).resolve().parents[1] / "portal"
PORTAL_TABLES = 15
LARGEST = 1000

_AREAS = """
core billing catalog sales stock shipping support hiring payroll banking tax legal travel fleet assets facilities
security audit reporting search messaging calendar documents forms surveys marketing loyalty pricing returns repairs
suppliers quality planning projects training health safety energy devices archive
""".split()
_NOUNS = """
account user team invoice order item product category payment event note task contact address document
report rule label session request response batch entry version plan
""".split()
_STATES = ("draft", "open", "approved", "rejected", "closed", "archived")

_PYPROJECT = """\
[project]
name = "{package}"
version = "0.1.0"

[tool.mizzle]
models = "{package}.models:Base"
postgres = 15
"""
_BASE = '''\
"""What all tables have in common."""

import uuid
from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text, func, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

Uuid = Annotated[uuid.UUID, mapped_column(primary_key=True, server_default=func.gen_random_uuid())]
Number = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Now = Annotated[datetime, mapped_column(server_default=func.now())]
Count = Annotated[int, mapped_column(server_default=text("0"))]


class Base(DeclarativeBase):
    """The declarative base."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text()}
'''
_IMPORTS = """\
import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from {package}.base import Base, Count, Now, Number, Uuid
"""

# Name, annotation, arguments of mapped_column; what a table has besides its key, its references and its state.
_PLAIN = (
    ("title", "str", "String(200)"),
    ("code", "str", "String(40)"),
    ("description", "str | None", ""),
    ("email", "str | None", "String(255)"),
    ("locale", "str", "String(10), server_default='en'"),
    ("currency", "str", "String(3), server_default='EUR'"),
    ("amount", "Decimal", "Numeric(12, 2), server_default='0'"),
    ("discount", "Decimal | None", "Numeric(5, 2)"),
    ("quantity", "Count", ""),
    ("position", "Count | None", ""),
    ("priority", "int | None", ""),
    ("active", "bool", "server_default=text('true')"),
    ("deleted_at", "datetime | None", ""),
    ("starts_on", "date | None", ""),
    ("ends_on", "date | None", ""),
    ("token", "uuid.UUID", "server_default=func.gen_random_uuid()"),
    ("settings", "Any", "JSONB, server_default=text(\"'{}'::jsonb\")"),
    ("payload", "Any | None", "JSONB"),
    ("tags", "Any | None", "JSONB, comment='labels that users set'"),
    ("external_id", "str | None", "String(64)"),
)
# By a column that must be there: what else the table then has.
_CHECKS = {
    "amount": "CheckConstraint('amount >= 0', name='amount')",
    "discount": "CheckConstraint('discount BETWEEN 0 AND 100', name='discount')",
    "currency": "CheckConstraint(\"currency IN ('EUR', 'USD', 'GBP')\", name='currency')",
    "ends_on": "CheckConstraint('ends_on > DATE \\'2000-01-01\\'', name='ends_on')",
}
_INDEXES = {
    "email": "Index('{table}_lower_email_idx', text('lower(email)'))",
    "deleted_at": "Index('{table}_deleted_at_idx', 'deleted_at', postgresql_where=text('deleted_at IS NOT NULL'))",
    "payload": "Index('{table}_payload_idx', 'payload', postgresql_using='gin')",
    "starts_on": "Index(None, 'starts_on')",
}
_ADDED = "  # added by the benchmark"
_UNIQUE = frozenset({"code", "token"})


@dataclass(frozen=True, slots=True)
class Sample:
    """A project on disk: its root, the module and attribute of its models, how many tables, and the file to edit."""

    root: Path
    models: str
    tables: int
    edited: Path

    @property
    def module(self) -> str:
        """The module that has to be imported for all models to be there."""
        return self.models.partition(":")[0]

    @property
    def migrations(self) -> Path:
        """Its migrations folder."""
        return self.root / "migrations"

    def add_column(self, name: str) -> None:
        """Give the first table of the edited file one more column, in the place of the one that it was given before."""
        self.restore()
        lines = self.edited.read_text().splitlines()
        at = next(i for i, line in enumerate(lines) if "__tablename__" in line)
        lines.insert(at + 1, f"    {name}: Mapped[str | None]{_ADDED}")
        self.edited.write_text("\n".join(lines) + "\n")

    def restore(self) -> None:
        """Take the added column away; a file without one is not touched, so that its bytecode stays good."""
        lines = self.edited.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.endswith(f"{_ADDED}\n")]
        if kept != lines:
            self.edited.write_text("".join(kept))


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    key: str

    @property
    def cls(self) -> str:
        return "".join(part.title() for part in self.name.split("_"))


def write(folder: Path, tables: int) -> Sample:
    """Write a project with so many tables into `folder`, without migrations: 15 is the portal, others are synthetic."""
    if tables == PORTAL_TABLES:
        return _portal(folder)
    if not 0 < tables <= LARGEST:
        raise ValueError(f"{tables} tables: at most {LARGEST} can be made")
    package = f"business{tables}"
    root = folder / package
    models = root / package / "models"
    models.mkdir(parents=True)
    (root / "migrations").mkdir()
    (root / "pyproject.toml").write_text(_PYPROJECT.format(package=package))
    (root / package / "__init__.py").write_text('"""A business."""\n')
    (root / package / "base.py").write_text(_BASE)
    areas = _areas(tables)
    for area in areas:
        made = areas[area]
        (models / f"{area}.py").write_text(_module(package, area, made, areas["core"]))
    imports = "\n".join(f"from {package}.models import {area} as {area}" for area in areas)
    (models / "__init__.py").write_text(f'"""Every table."""\n\nfrom {package}.base import Base as Base\n{imports}\n')
    return Sample(root, f"{package}.models:Base", tables, models / f"{list(areas)[-1]}.py")


def _portal(folder: Path) -> Sample:
    root = folder / "portal"
    shutil.copytree(PORTAL, root, ignore=shutil.ignore_patterns("migrations", "__pycache__", ".mizzle", ".env"))
    (root / "migrations").mkdir()
    return Sample(root, "portal.db.schema:Base", PORTAL_TABLES, root / "portal" / "db" / "schema.py")


def _areas(tables: int) -> dict[str, list[_Table]]:
    """Return the tables of each area, keys chosen: two thirds have a uuid."""
    choose = random.Random(tables)  # noqa: S311 - it must not be a secret, but the same each time
    per_area = len(_NOUNS)
    found: dict[str, list[_Table]] = {}
    for number in range(tables):
        area, noun = _AREAS[number // per_area], _NOUNS[number % per_area]
        key = "Uuid" if choose.random() < 2 / 3 else "Number"
        found.setdefault(area, []).append(_Table(f"{area}_{noun}", key))
    return found


def _module(package: str, area: str, tables: Sequence[_Table], core: Sequence[_Table]) -> str:
    classes: list[str] = []
    for index, table in enumerate(tables):
        choose = random.Random(f"{package} {table.name}")  # noqa: S311 - as above
        others = list(tables[:index]) or ([] if area == "core" else [core[0]])
        if area != "core" and core[0] not in others:
            others.append(core[0])
        classes.append(_class(table, others, choose))
    head = f'"""The tables of {area}."""\n\n{_IMPORTS.format(package=package)}'
    return "\n\n".join([head, *classes]) + "\n"


def _class(table: _Table, others: Sequence[_Table], choose: random.Random) -> str:
    state = choose.sample(_STATES, choose.randint(2, 5)) if choose.random() < 1 / 4 else []
    columns = sorted(choose.sample(range(len(_PLAIN)), choose.randint(3, 9)))
    referred = choose.sample(others, min(len(others), choose.randint(1, 3)))
    lines = [f"    id: Mapped[{table.key}]", *(_reference(each, choose) for each in referred)]
    if state:
        lines.append(_state(table, state))
    lines += [_column(*_PLAIN[i], unique=_PLAIN[i][0] in _UNIQUE and choose.random() < 1 / 2) for i in columns]
    lines += ["    created_at: Mapped[Now]", "    updated_at: Mapped[Now]"]
    extra = _table_arguments(table, [_PLAIN[i][0] for i in columns], choose)
    enum = _enum(table, state) + "\n\n" if state else ""
    head = f'class {table.cls}(Base):\n    """One {table.name}."""\n\n    __tablename__ = "{table.name}"'
    return f"{enum}{head}\n{extra}\n" + "\n".join(lines) + "\n"


def _enum(table: _Table, labels: Sequence[str]) -> str:
    members = "\n".join(f'    {label.upper()} = "{label}"' for label in labels)
    return f'class {table.cls}State(StrEnum):\n    """How one {table.name} stands."""\n\n{members}\n'


def _state(table: _Table, labels: Sequence[str]) -> str:
    kind = f"Enum({table.cls}State, name='{table.name}_state', values_callable=lambda kind: [m.value for m in kind])"
    return f"    state: Mapped[{table.cls}State] = mapped_column({kind}, server_default='{labels[0]}', index=True)"


def _reference(other: _Table, choose: random.Random) -> str:
    kind = "uuid.UUID" if other.key == "Uuid" else "int"
    optional, action = choose.choice((("", "CASCADE"), ("", "RESTRICT"), (" | None", "SET NULL")))
    index = ", index=True" if choose.random() < 3 / 4 else ""
    key = f"ForeignKey('{other.name}.id', ondelete='{action}')"
    return f"    {other.name}_id: Mapped[{kind}{optional}] = mapped_column({key}{index})"


def _column(name: str, annotation: str, arguments: str, *, unique: bool) -> str:
    given = ", ".join(each for each in (arguments, "unique=True" if unique else "") if each)
    return f"    {name}: Mapped[{annotation}]" + (f" = mapped_column({given})" if given else "")


def _table_arguments(table: _Table, columns: Sequence[str], choose: random.Random) -> str:
    found = [_CHECKS[name] for name in columns if name in _CHECKS]
    found += [_INDEXES[name].format(table=table.name) for name in columns if name in _INDEXES]
    if choose.random() < 1 / 8:
        found.append("{'comment': 'kept for seven years'}")
    return f"    __table_args__ = ({', '.join(found)},)\n" if found else ""
