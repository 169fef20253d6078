"""The models against the head of the migrations → a new migration, proved before it is written."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from mizzle import names
from mizzle.catalog import snapshot
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import EMPTY, Catalog
from mizzle.differ.compare import compare
from mizzle.differ.questions import Question, questions
from mizzle.differ.renames import answer
from mizzle.errors import ConfigError, DecisionNeeded
from mizzle.migrations import ids, write
from mizzle.migrations.folder import Migration
from mizzle.migrations.snapshot import checksum
from mizzle.planning import script
from mizzle.planning.plan import Plan, plan
from mizzle.planning.script import Script
from mizzle.project import head, known
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.hints import with_hints
from mizzle.project.project import Project, stamps
from mizzle.project.recorded import catalog_of
from mizzle.prove import Stage


class Questioner(Protocol):
    """Whoever can answer what a comparison cannot know."""

    def renamed(self, question: Question, *, otherwise: str = "it is dropped") -> Address | None:
        """Return what `question.gone` is called now, None where it is not renamed; `otherwise` says what it is then."""
        ...


class NobodyToAsk(msgspec.Struct, frozen=True):
    """Answers no question: raises DecisionNeeded that names the flags; `drop` is the one that says it is dropped."""

    drop: str = "--drop"

    def renamed(self, question: Question, *, otherwise: str = "it is dropped") -> Address | None:
        """Raise."""
        del otherwise
        raise self.needed([question])

    def needed(self, asked: Sequence[Question]) -> DecisionNeeded:
        """Return the error that names the flags for all that is asked."""
        pairs = _likely(asked)
        flags = [
            (f"--rename {_renamed(gone, likely)}", f"{self.drop} {shlex.quote(gone.sql)}") for gone, likely in pairs
        ]
        if len(pairs) == 1:
            (gone, likely), (rename, drop) = pairs[0], flags[0]
            return DecisionNeeded(
                f"{gone} is gone and {likely} is new: was it renamed, or dropped?",
                hint=f"{rename} if it was renamed, {drop} if not",
            )
        lines = [f"\n  {gone}: {rename}, or {drop}" for (gone, _), (rename, drop) in zip(pairs, flags, strict=True)]
        return DecisionNeeded(
            f"{len(pairs)} things are gone, and others are new: was each renamed, or dropped?{''.join(lines)}",
            hint="give one of the two flags for each",
        )


def _likely(asked: Sequence[Question]) -> list[tuple[Address, Address]]:
    """Return what is gone, each with the likeliest of its candidates that was not named for another one."""
    named: dict[Address, Address] = {}
    for question in asked:
        free = (candidate for candidate in question.candidates if candidate not in named.values())
        named[question.gone] = next(free, question.candidates[0])
    return list(named.items())


def _renamed(gone: Address, new: Address) -> str:
    return shlex.quote(f"{gone.sql}:{names.ident(new.name)}")


class Generated(msgspec.Struct, frozen=True):
    """A migration that was written: its folder and its plan (None for an empty one), and what was kept undeclared."""

    id: str
    path: Path
    plan: Plan | None = None
    kept: tuple[Address, ...] = ()


class Head(msgspec.Struct, frozen=True):
    """Where the migrations end: the chain, its last catalog, and what no source declared of it."""

    chain: tuple[Migration, ...]
    catalog: Catalog
    undeclared: tuple[str, ...]

    @property
    def id(self) -> str | None:
        """The last migration's id."""
        return self.chain[-1].id if self.chain else None

    def scripts(self) -> tuple[Script, ...]:
        """The up scripts of the chain."""
        return tuple(migration.up() for migration in self.chain)


def read_head(chain: tuple[Migration, ...], manage: Collection[str]) -> Head:
    """Read the snapshot of the last migration; of grants and their like what is in `manage`."""
    if not chain:
        return Head((), EMPTY, ())
    stored = chain[-1].snapshot()
    return Head(chain, catalog_of(stored, manage), stored.undeclared)


def generate(
    project: Project,
    name: str = "",
    *,
    renames: Mapping[str, str] | None = None,
    drops: Sequence[str] = (),
    questioner: Questioner | None = None,
) -> Generated | None:
    """Write the migration that leads from the head of the migrations to the models; None where nothing changed.

    Raises DecisionNeeded for a likely rename that neither `renames` nor `drops` nor the questioner answers,
    Unsupported, ProofError, and HistoryError where the folder is not whole and linear; nothing is written then.
    """
    chain = project.chain_so_far()
    if chain and not renames and not drops and known.unchanged(project, chain):
        return None
    last = read_head(chain, project.config.manage)
    with project.scratch() as server, Stage(server, last.scripts(), last.catalog) as stage:
        if project.waits_for_models:
            server.get_ready()
        declared = project.wanted(server)
        kept = _kept(last, declared, drops)
        wanted = with_kept(declared, last.catalog, kept)
        hinted = with_hints(project.sources, last.catalog, wanted, renames or {})
        answers = answered(last.catalog, wanted, hinted, drops, questioner or NobodyToAsk())
        planned = plan(last.catalog, wanted, renames=answers, major=project.target)
        if not planned.steps:
            known.remember(project, chain)
            return None
        migration = _new_id(name or suggested_name(planned, chain), chain)
        up = script.write(project.written(planned.steps), head=head.up(migration, planned, kept=kept))
        undo = planned.undo()
        down = script.write(project.written(undo.steps), head=head.down(migration, planned, undo))
        project.progress("proving the migration, forward and back")
        reached = stage.prove(up.script, down.script, wanted)
    draft = write.Draft(
        id=migration,
        parent=last.id,
        up_sql=up.text,
        down_sql=down.text,
        key=project.key([*stamps(chain), (migration, checksum(up.text), checksum(down.text))]),
        undeclared=tuple(str(where) for where in reached.addresses() - declared.addresses()),
        catalog=snapshot.encode(reached),
    )
    return Generated(migration, write.write(project.config.migrations_folder, draft), planned, kept)


def _kept(last: Head, declared: Catalog, drops: Sequence[str]) -> tuple[Address, ...]:
    """Return what no source ever declared, less what is named to be dropped."""
    named = {names.parse(each) for each in drops}
    found = undeclared(last.catalog, declared, last.undeclared)
    return tuple(where for where in found if where.names not in named)


def _new_id(name: str, chain: Sequence[Migration]) -> str:
    return ids.new_id(name, now=datetime.now(UTC), after=[migration.id for migration in chain])


def generate_custom(project: Project, name: str) -> Generated:
    """Write an empty migration to be filled by hand; until `rebase` has proved it nothing runs it."""
    chain = project.chain_so_far()
    last = read_head(chain, project.config.manage)
    migration = ids.new_id(name or "custom", now=datetime.now(UTC), after=[m.id for m in chain])
    up = script.render((), head=head.custom(migration))
    down = script.render((), head=[f"undoes migration {migration}"])
    draft = write.Draft(
        id=migration,
        parent=last.id,
        up_sql=up,
        down_sql=down,
        key="",
        undeclared=last.undeclared,
        catalog=snapshot.encode(last.catalog),
        proved=False,
    )
    return Generated(migration, write.write(project.config.migrations_folder, draft))


def answered(
    old: Catalog, new: Catalog, renames: Mapping[str, str], drops: Sequence[str], questioner: Questioner
) -> dict[str, str]:
    """Return `renames` and those that the questioner answered. Tables are asked for first: their columns follow."""
    answers = dict(renames)
    dropped = {names.parse(each) for each in drops}
    used: set[tuple[str, ...]] = set()
    while True:
        found = (_of_before(q, answers) for q in questions(compare(old, new, renames=answers)))
        asked = [q for q in found if q.gone.names not in dropped]
        used |= {q.gone.names for q in asked}
        if not asked:
            unknown = sorted(names.dotted(*each) for each in dropped - used if not _there(old, each))
            if unknown:
                raise ConfigError(
                    f"--drop {unknown[0]}: there is nothing of that name",
                    hint="name it as it is called before the change: schema.table or schema.table.column",
                )
            return answers
        if isinstance(questioner, NobodyToAsk):
            raise questioner.needed(asked)
        question = asked[0]
        to = questioner.renamed(question)
        if to is None:
            dropped.add(question.gone.names)
        else:
            answers[question.gone.sql] = answer(question.gone, to)


def _of_before(question: Question, answers: Mapping[str, str]) -> Question:
    """Return a question whose `gone` is named as before the renames that were answered: that is how it is answered."""
    gone = question.gone
    if gone.kind != "column":
        return question
    for old, new in answers.items():
        before = names.parse(old)
        if (*before[:-1], names.parse(new)[-1]) == gone.names[:-1]:
            return Question(Address(gone.kind, (*before, gone.name)), question.candidates)
    return question


def _there(old: Catalog, parts: tuple[str, ...]) -> bool:
    known_names = {where.names for where in old.addresses()}
    known_names |= {(e.schema, e.name, label) for e in old.enums for label in e.labels}
    return parts in known_names


def suggested_name(planned: Plan, chain: Sequence[Migration]) -> str:
    """Return a name for a migration that was given none: `initial`, or what its first change does."""
    if not chain:
        return "initial"
    first = planned.changes[0]
    verb = {"Create": "add", "Drop": "drop", "Alter": "change", "Rename": "rename"}[type(first).__name__]
    more = "_and_more" if len(planned.changes) > 1 else ""
    return "_".join([verb, *(first.address.names[1:] or first.address.names)]) + more
