"""The names of constraints and indexes: whether they follow a convention, so that they need not be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mizzle import names
from mizzle.catalog.constraint import Check, Exclusion, ForeignKey, PrimaryKey, Unique
from mizzle.catalog.index import Index
from mizzle.catalog.table import Table
from mizzle.declaring.definitions import indexed, keyed

Kind = Literal["pk", "fk", "uq", "ck", "ix"]

TEMPLATES: dict[Kind, tuple[str, ...]] = {
    "pk": ("%(table_name)s_pkey", "pk_%(table_name)s", "%(table_name)s_pk", "pk_%(table_name)s_%(column_0_N_name)s"),
    "fk": (
        "%(table_name)s_%(column_0_N_name)s_fkey",
        "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "fk_%(table_name)s_%(column_0_N_name)s",
        "%(table_name)s_%(column_0_N_name)s_fk",
        "fk_%(table_name)s_%(referred_table_name)s",
    ),
    "uq": (
        "%(table_name)s_%(column_0_N_name)s_key",
        "uq_%(table_name)s_%(column_0_name)s",
        "uq_%(table_name)s_%(column_0_N_name)s",
        "%(table_name)s_%(column_0_N_name)s_unique",
        "%(table_name)s_%(column_0_N_name)s_uniq",
        "%(table_name)s_%(column_0_N_name)s_uq",
    ),
    "ck": ("ck_%(table_name)s_%(constraint_name)s",),
    "ix": (
        "%(table_name)s_%(column_0_N_name)s_idx",
        "ix_%(column_0_label)s",
        "ix_%(table_name)s_%(column_0_N_name)s",
        "idx_%(table_name)s_%(column_0_N_name)s",
        "ix_%(column_0_N_label)s",
        "%(table_name)s_%(column_0_N_name)s_index",
        "index_%(table_name)s_on_%(column_0_N_name)s",
        "%(table_name)s_%(column_0_N_name)s_ix",
    ),
}
"""What people call things, as SQLAlchemy's naming_convention says it: first what PostgreSQL itself calls them.

None speaks of the columns that a foreign key refers to, as Drizzle's does: SQLAlchemy needs that table to be there by
then.
"""

_NAME_OF_CHECK = "%(constraint_name)s"


@dataclass(frozen=True, slots=True)
class Subject:
    """What has a name, and what that may be made of."""

    name: str
    schema: str
    table: str
    columns: tuple[str, ...] = ()
    referred: str = ""

    def named(self, template: str) -> str | None:
        """Return the name that a template gives, as SQLAlchemy makes it; None for one that it would cut."""
        first = self.columns[0] if self.columns else ""
        prefix = "" if self.schema == "public" else f"{self.schema}_"
        labels = [f"{prefix}{self.table}_{column}" for column in self.columns]
        made = template % {
            "table_name": self.table,
            "column_0_name": first,
            "column_0_N_name": "_".join(self.columns),
            "column_0_label": labels[0] if labels else "",
            "column_0_N_label": "_".join(labels),
            "referred_table_name": self.referred,
            "constraint_name": "%s",
        }
        return made if len(made.encode()) <= names.MAX_BYTES else None


@dataclass(frozen=True, slots=True)
class Naming:
    """How an object's name is said: `name` where it has to be written, `final` where the convention would change it."""

    name: str | None = None
    final: bool = False


class Convention:
    """The convention that the names of a schema's constraints and indexes follow: `templates`, by kind."""

    def __init__(self, tables: Iterable[Table]) -> None:
        found: dict[Kind, list[Subject]] = {kind: [] for kind in TEMPLATES}
        for table in tables:
            for part in (*table.constraints, *table.indexes):
                if not isinstance(part, Exclusion):
                    found[_kind(part)].append(subject(table, part))
        chosen = ((kind, _followed(TEMPLATES[kind], subjects)) for kind, subjects in found.items())
        self.templates = {kind: template for kind, template in chosen if template}

    def naming(self, table: Table, part: PrimaryKey | Unique | Check | ForeignKey | Index) -> Naming:
        """Return how the name of a table's part is said."""
        kind = _kind(part)
        what = subject(table, part)
        template = self.templates.get(kind)
        if kind == "ck":
            return _of_check(table, what, template)
        # Without a convention PostgreSQL names a constraint, and nobody an index.
        usual = what.named(template or TEMPLATES[kind][0])
        nameless = kind != "ix" or (template is not None and bool(what.columns))
        return Naming() if usual == what.name and nameless else Naming(what.name)


def subject(table: Table, part: PrimaryKey | Unique | Check | ForeignKey | Index) -> Subject:
    """Return what the name of a table's part may be made of."""
    match part:
        case ForeignKey():
            return Subject(part.name, table.schema, table.name, part.columns, part.ref_table)
        case Index():
            return Subject(part.name, table.schema, table.name, indexed(part).columns)
        case PrimaryKey() | Unique():
            return Subject(part.name, table.schema, table.name, keyed(part.definition).columns)
        case Check():
            return Subject(part.name, table.schema, table.name, part.columns)


def _kind(part: PrimaryKey | Unique | Check | ForeignKey | Index) -> Kind:
    kinds: dict[type, Kind] = {PrimaryKey: "pk", ForeignKey: "fk", Unique: "uq", Check: "ck", Index: "ix"}
    return kinds[type(part)]


def _followed(templates: Sequence[str], subjects: Sequence[Subject]) -> str:
    """Return the template that most names follow, if at least half of them do; the first of those as good."""
    counted = Counter({each: sum(_fits(each, what) for what in subjects) for each in templates})
    best, number = counted.most_common(1)[0]
    return best if number * 2 >= len(subjects) and number else ""


def _fits(template: str, what: Subject) -> bool:
    made = what.named(template)
    if made is None or "%s" not in made or _NAME_OF_CHECK not in template:
        return made == what.name
    return bool(_inner(made, what.name))


def _inner(made: str, name: str) -> str:
    """Return what a check's name has in the place of its own name; nothing where it does not follow."""
    before, _, after = made.partition("%s")
    fits = name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    return name[len(before) : len(name) - len(after)] if fits else ""


def _of_check(table: Table, what: Subject, template: str | None) -> Naming:
    if template is None:
        usual = names.default_name(table.name, what.columns if len(what.columns) == 1 else (), "check")
        alone = sum(each.columns == what.columns for each in table.checks) == 1
        return Naming() if usual == what.name and alone else Naming(what.name)
    made = what.named(template)
    inner = _inner(made, what.name) if made else ""
    return Naming(inner) if inner else Naming(what.name, final=True)
