"""What a step's comments say of it: the locks it takes on what was there before, its hazards, its work.

A plan writes them above the SQL (docs/format.md); a step written by hand need not have any. Of a step that was planned
just now, its statements say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mizzle.names import ident
from mizzle.planning.steps import HazardCode, Lock, Step, Work
from mizzle.sqltext import tokens

_TEMPLATE = "public."
_LOCKS = re.compile(r"(?m)^-- locks: (?P<lock>[A-Z ]+) on (?P<names>.+?)(?: and \d+ more)?$")
_HAZARD = re.compile(r"(?m)^-- hazard: (?P<code>[A-Z_]+): (?P<message>.+)$")
_WORK = re.compile(r"(?m)^-- work: (?P<parts>.+)$")
_MORE = re.compile(r" and \d+ more$")
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
    """The lock on each relation, as a dotted SQL name, the hazards, codes and sentences, and the work.

    A step that an older Mizzle planned has no `work`: its hazards say it. `old_code` says whether code that ran before
    works after it, None where nobody has said; `planned` that a plan wrote the step: it says its work, or its locks.
    """

    locks: dict[str, Lock]
    hazards: tuple[tuple[str, str], ...]
    work: Work = Work()
    old_code: bool | None = None
    planned: bool = False

    @property
    def long(self) -> tuple[HazardCode, ...]:
        """What makes its locks last, each once, by the code that it has where others wait meanwhile."""
        found = {code for code, _ in self.hazards}
        return tuple(code for word, code in _LONG.items() if getattr(self.work, word) or code in found)

    def of_tenant(self, tenant: str) -> dict[str, Lock]:
        """Return the locks by the names of relations in a tenant's schema (raw): a plan's have the template's."""
        return {of_tenant(name, tenant): lock for name, lock in self.locks.items()}


def of_tenant(name: str, tenant: str) -> str:
    """Return what a relation is called in a tenant's schema (raw, '' for none): a plan has it in the template's."""
    return f"{ident(tenant)}.{name.removeprefix(_TEMPLATE)}" if tenant and name.startswith(_TEMPLATE) else name


def read(step: Step) -> Notes:
    """Return what a step's statements say, or of one that was read, the comments above its first statement.

    Of a backfill without any, what it always locks.
    """
    if step.statements:
        hazards = tuple(dict.fromkeys((str(hazard.code), hazard.message) for hazard in step.hazards))
        return Notes(step.held, hazards, step.work, not step.breaks_old_code, planned=True)
    head = _head(step.sql)
    locks = {
        name: lock
        for found in _LOCKS.finditer(head)
        for name in _split(found["names"], ",")
        if (lock := Lock.named(found["lock"])) is not None
    }
    said = _WORK.search(head)
    planned = bool(said or locks)
    if step.backfill is not None and not locks:
        schema, table = step.backfill.table
        locks[f"{ident(schema)}.{ident(table)}" if schema else _TEMPLATE + ident(table)] = Lock.ROW_EXCLUSIVE
    hazards = tuple((found["code"], found["message"]) for found in _HAZARD.finditer(head))
    breaks = HazardCode.BREAKS_OLD_CODE in {code for code, _ in hazards}
    old_code = not breaks if said or hazards else None
    return Notes(locks, hazards, _work(said["parts"]) if said else Work(), old_code, planned=planned)


def without(step: Step) -> str:
    """Return a step's SQL without the comments that it begins with."""
    return step.sql[len(_head(step.sql)) :].lstrip("\n")


def _work(parts: str) -> Work:
    """Read `rewrites a, b; builds c; old code works`; a semicolon in quotes parts none."""
    found: dict[str, tuple[str, ...]] = {}
    for part in _split(parts, ";"):
        word, _, listed = part.partition(" ")
        if word in _LONG:
            found[word] = tuple(_split(_MORE.sub("", listed), ","))
    return Work(**found)


def _split(text: str, at: str) -> Iterator[str]:
    """Yield the parts of a list; what stands in quotes parts none."""
    part = ""
    for token in tokens(text):
        if token.text == at:
            yield part.strip()
            part = ""
        else:
            part += token.text
    yield part.strip()


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
