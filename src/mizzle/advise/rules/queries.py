"""What queries lack, put together with what else was found: one index for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mizzle import names
from mizzle.advise.facts import Facts
from mizzle.advise.findings import Code, Finding
from mizzle.advise.rules.foreign_keys import cost
from mizzle.advise.search import Lack, Served
from mizzle.advise.wording import count, extent, listed

_SHOWN = 3


def missing(facts: Facts, lacks: Sequence[Lack], about: str) -> Iterator[Finding]:
    """Yield a finding for each index that queries lack; `about` says on what the planner's answers rest."""
    for lack in lacks:
        proposal = lack.proposal
        table = proposal.table
        asked = f"{len(lack.served)} queries" if len(lack.served) > 1 else "a query"
        said = [_evidence(each) for each in lack.served[:_SHOWN]]
        if len(lack.served) > _SHOWN:
            said.append(f"{len(lack.served) - _SHOWN} more queries")
        if facts.live:
            said.append(f"{table.sql} has {extent(table)}")
        best = max(each.before / max(each.after, 0.01) for each in lack.served)
        yield Finding(
            Code.MISSING_INDEX,
            names.dotted(table.schema, table.name, *proposal.columns),
            f"{asked} would find rows of {table.sql} by an index on {listed(proposal.columns)}",
            evidence=tuple(said),
            gain=f"up to {count(best)} times less work, {about}",
            cost=cost(facts, proposal),
            statements=(proposal.sql,),
            model=proposal.model,
            proposal=proposal,
            weight=sum(each.query.weight for each in lack.served),
        )


def _evidence(each: Served) -> str:
    return f"{each.query}: cost {each.before:,.0f} with {each.scan}, {each.after:,.0f} with the index"


def joined(findings: Sequence[Finding], missing: Sequence[Finding]) -> Iterator[Finding]:
    """Yield all findings; where a foreign key's index is the beginning of one that queries lack, that serves both."""
    taken: set[str] = set()
    for finding in findings:
        wider = next((each for each in missing if _begins(finding, each)), None)
        if wider is None:
            yield finding
            continue
        taken.add(wider.key)
        yield replace(
            finding,
            evidence=tuple(dict.fromkeys((*finding.evidence, *wider.evidence))),
            gain=f"{finding.gain}; for queries {wider.gain}",
            statements=wider.statements,
            model=wider.model,
            proposal=wider.proposal,
        )
    yield from (each for each in missing if each.key not in taken)


def _begins(finding: Finding, other: Finding) -> bool:
    """Say whether the index of a finding is not needed where that of the other one is made."""
    index, wider = finding.proposal, other.proposal
    if index is None or wider is None or index.table.oid != wider.table.oid:
        return False
    return set(wider.columns[: len(index.columns)]) == set(index.columns)
