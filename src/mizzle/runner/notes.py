"""What a step's comments say of it: the locks it takes on what was there before, and its hazards.

A plan writes them above the SQL (docs/format.md); a step written by hand need not have any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mizzle.names import ident
from mizzle.planning.steps import HazardCode, Lock, Step
from mizzle.sqltext import tokens

_TEMPLATE = "public."
_LOCKS = re.compile(r"(?m)^-- locks: (?P<lock>[A-Z ]+) on (?P<names>.+?)(?: and \d+ more)?$")
_HAZARD = re.compile(r"(?m)^-- hazard: (?P<code>[A-Z_]+): (?P<message>.+)$")
_WORK = re.compile(r"(?m)^-- work: (?P<parts>.+)$")
_LONG = {
    "rewrites": HazardCode.TABLE_REWRITE,
    "scans": HazardCode.TABLE_SCAN,
    "builds": HazardCode.INDEX_BUILD,
}
"""What makes a step last, and the hazard that it is where others have to wait meanwhile."""

# What a statement begins with that may go through rows; at the begin of a line, where plans and most people write it.
_THROUGH_ROWS = re.compile(
    r"(?mi)^\s*(?:CALL|COPY|DELETE|DO|EXECUTE|INSERT|MERGE|REFRESH|REINDEX|SELECT|TABLE|TRUNCATE|UPDATE|VALUES|WITH"
    r"|CREATE\s+(?:UNIQUE\s+)?INDEX|CREATE\s+MATERIALIZED|.*\bAS\s+(?:SELECT|WITH|TABLE|VALUES))\b"
)


class Notes(msgspec.Struct, frozen=True):
    """The lock on each relation, as a dotted SQL name, the hazards, codes and sentences, and the parts of the work.

    A step that an older Mizzle planned has no `work`: its hazards say it.
    """

    locks: dict[str, Lock]
    hazards: tuple[tuple[str, str], ...]
    work: tuple[str, ...] = ()

    @property
    def long(self) -> tuple[HazardCode, ...]:
        """What makes its locks last, each once, by the code that it has where others wait meanwhile."""
        said = [part.partition(" ")[0] for part in self.work]
        found = {code for code, _ in self.hazards}
        return tuple(code for word, code in _LONG.items() if word in said or code in found)

    def of_tenant(self, tenant: str) -> dict[str, Lock]:
        """Return the locks by the names of relations in a tenant's schema (raw): a plan's have the template's."""
        if not tenant:
            return self.locks
        return {
            f"{ident(tenant)}.{name.removeprefix(_TEMPLATE)}" if name.startswith(_TEMPLATE) else name: lock
            for name, lock in self.locks.items()
        }


def read(step: Step) -> Notes:
    """Return what the comments above a step's first statement say; of a backfill without any, what it always locks."""
    head = _head(step.sql)
    locks = {
        name: lock
        for found in _LOCKS.finditer(head)
        for name in _names(found["names"])
        if (lock := Lock.named(found["lock"])) is not None
    }
    if step.backfill is not None and not locks:
        schema, table = step.backfill.table
        locks[f"{ident(schema)}.{ident(table)}" if schema else _TEMPLATE + ident(table)] = Lock.ROW_EXCLUSIVE
    hazards = tuple((found["code"], found["message"]) for found in _HAZARD.finditer(head))
    work = _WORK.search(head)
    return Notes(locks, hazards, tuple(work["parts"].split("; ")) if work else ())


def _names(listed: str) -> Iterator[str]:
    """Yield the names of a list; a comma in quotes parts none."""
    name = ""
    for token in tokens(listed):
        if token.text == ",":
            yield name.strip()
            name = ""
        else:
            name += token.text
    yield name.strip()


def is_brief(step: Step) -> bool:
    """Say whether a step takes locks on what is there, and only changes the catalog under them."""
    notes = read(step)
    return bool(step.transaction and notes.locks and not notes.long and _THROUGH_ROWS.search(step.sql) is None)


def _head(sql: str) -> str:
    end = 0
    while sql.startswith("--", end):
        following = sql.find("\n", end)
        if following < 0:
            return sql
        end = following + 1
    return sql[:end]
