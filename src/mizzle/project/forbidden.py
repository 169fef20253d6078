"""Hazards that the configuration forbids: what has them is not written, unless it is allowed for once."""

from __future__ import annotations

from collections.abc import Iterator

from mizzle.errors import ConfigError, ForbiddenError
from mizzle.planning.plan import Plan
from mizzle.planning.steps import HazardCode, Statement
from mizzle.project.project import Project

_SHOWN = 6
_LONGEST = 100


def refuse(project: Project, plan: Plan, *, contract: bool) -> None:
    """Raise ForbiddenError where a plan has hazards that the setting `forbid` names and `project.allow` does not.

    A contract migration runs when no old code is there any more: that it breaks such code is what it is for.
    """
    known = [str(code) for code in HazardCode]
    for code in project.allow:
        if code not in known:
            raise ConfigError(f"--allow {code}: there is no such hazard", hint=f"one of {', '.join(known)}")
    spared = {*project.allow, *([HazardCode.BREAKS_OLD_CODE.value] if contract else [])}
    found = list(_against(plan, {*project.config.forbid} - spared))
    if not found:
        return
    lines = [f"  {code}: {_short(statement)}" for code, statement in found[:_SHOWN]]
    more = [f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    codes = sorted({code for code, _ in found})
    two = ", --expand-contract splits it" if codes == ["BREAKS_OLD_CODE"] else ""
    raise ForbiddenError(
        "\n".join(["the plan has hazards that this project forbids; nothing was written:", *lines, *more]),
        hint=f"{' '.join(f'--allow {code}' for code in codes)} allows it for once{two}; the setting is `forbid`",
        codes=tuple(codes),
    )


def _against(plan: Plan, codes: set[str]) -> Iterator[tuple[str, Statement]]:
    for step in plan.steps:
        for statement in step.statements:
            for code in dict.fromkeys(str(hazard.code) for hazard in statement.hazards):
                if code in codes:
                    yield code, statement


def _short(statement: Statement) -> str:
    said = " ".join(statement.sql.split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
