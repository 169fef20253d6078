"""What the rows must fulfil before a plan runs: a query that counts those that do not, as comments of the step.

In a script they stand under the header of the step that needs them (docs/format.md): a sentence, the query, a hint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mizzle.planning.steps import Requirement, Step

_SAID, _COUNT, _HINT = "requires: ", "  against: ", "  hint: "


def lines(requirement: Requirement) -> Iterator[str]:
    """Yield the comment lines of a requirement, without `-- `."""
    yield f"{_SAID}{requirement.sentence}"
    yield f"{_COUNT}{requirement.query}"
    if requirement.hint:
        yield f"{_HINT}{requirement.hint}"


def required(step: Step) -> tuple[Requirement, ...]:
    """Return what a step requires: what its statements say, or of one that was read, the comments it begins with."""
    if step.statements:
        return tuple(dict.fromkeys(each for statement in step.statements for each in statement.requires))
    return tuple(_read(_comments(step.sql)))


def _comments(sql: str) -> list[str]:
    found: list[str] = []
    for line in sql.split("\n"):
        if not line.startswith("-- "):
            break
        found.append(line.removeprefix("-- "))
    return found


def _read(comments: Sequence[str]) -> Iterator[Requirement]:
    for place, line in enumerate(comments):
        query = comments[place + 1] if place + 1 < len(comments) else ""
        if line.startswith(_SAID) and query.startswith(_COUNT):
            hint = comments[place + 2] if place + 2 < len(comments) else ""
            yield Requirement(
                line.removeprefix(_SAID),
                query.removeprefix(_COUNT),
                hint.removeprefix(_HINT) if hint.startswith(_HINT) else "",
            )
