"""The models against the head of the migrations → a new migration, proved before it is written."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from mizzle import names
from mizzle.catalog import snapshot
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.differ.compare import compare
from mizzle.differ.questions import Question, questions
from mizzle.differ.renames import answer
from mizzle.errors import ConfigError, DecisionNeeded
from mizzle.migrations import write
from mizzle.planning import script
from mizzle.planning.plan import plan
from mizzle.project import head, known
from mizzle.project.broken_models import broken_models
from mizzle.project.declared import undeclared, with_kept
from mizzle.project.hints import with_hints
from mizzle.project.kept_views import brought_along
from mizzle.project.project import Project
from mizzle.project.split import write_split
from mizzle.project.writing import Generated, Head, new_id, read_head, write_proved
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


def generate(  # noqa: PLR0913 - what a person may say
    project: Project,
    name: str = "",
    *,
    renames: Mapping[str, str] | None = None,
    drops: Sequence[str] = (),
    online: bool = True,
    questioner: Questioner | None = None,
    in_two: bool = False,
) -> tuple[Generated, ...]:
    """Write the migration that leads from the head of the migrations to the models; none where nothing changed.

    `online` is as in plan(). `in_two`: where it breaks old code, two are written, expand and contract (split.py).

    Raises DecisionNeeded for a likely rename that neither `renames` nor `drops` nor the questioner answers,
    Unsupported, ProofError, and HistoryError where the folder is not whole and linear; nothing is written then.
    """
    chain = project.chain_so_far()
    if chain and not renames and not drops and known.unchanged(project, chain):
        return ()
    last = read_head(chain, project.config.manage)
    with project.scratch() as server, Stage(server, last.history(), last.catalog) as stage:
        if project.waits_for_models:
            server.get_ready()
        declared = project.wanted(server)
        kept = _kept(last, declared, drops)
        wanted = brought_along(server, with_kept(declared, last.catalog, kept), last.catalog, kept)
        hinted = with_hints(project.sources, last.catalog, wanted, renames or {})
        answers = answered(last.catalog, wanted, hinted, drops, questioner or NobodyToAsk())
        planned = plan(last.catalog, wanted, renames=answers, major=project.target, online=online)
        if not planned.steps:
            known.remember(project, chain)
            return ()
        there = declared.addresses()
        if in_two and broken_models(planned, project.sources):
            return write_split(project, server, stage, last, planned, name=name, kept=kept, declared=there)
        return (write_proved(project, stage, last, planned, name=name, kept=kept, declared=there),)


def _kept(last: Head, declared: Catalog, drops: Sequence[str]) -> tuple[Address, ...]:
    """Return what no source ever declared, less what is named to be dropped."""
    named = {names.parse(each) for each in drops}
    found = undeclared(last.catalog, declared, last.undeclared)
    return tuple(where for where in found if where.names not in named)


def generate_custom(project: Project, name: str) -> Generated:
    """Write an empty migration to be filled by hand; until `rebase` has proved it nothing runs it."""
    chain = project.chain_so_far()
    last = read_head(chain, project.config.manage)
    migration = new_id(name or "custom", chain)
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
