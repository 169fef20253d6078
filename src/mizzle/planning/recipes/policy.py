"""Policies."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.policy import Policy
from mizzle.planning import roles
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement


def create(policy: Policy) -> list[Operation]:
    """CREATE POLICY."""
    made = _on(policy, definition(policy), f"create {policy.address}")
    more = created("POLICY", _named(policy), policy.comment, relation=_table(policy))
    return defined.create(Phase.CREATE_ATTACHED, policy, made, more)


def definition(policy: Policy) -> str:
    """Return CREATE POLICY; what it does not say is permissive, for all commands and to everybody."""
    parts = [f"CREATE POLICY {_named(policy)}"]
    if not policy.permissive:
        parts.append("AS RESTRICTIVE")
    if policy.command != "ALL":
        parts.append(f"FOR {policy.command}")
    if policy.roles != ("PUBLIC",):
        parts.append(f"TO {', '.join(policy.roles)}")
    return " ".join([*parts, *_expressions(policy)])


def drop(policy: Policy, context: Context) -> list[Operation]:
    """DROP POLICY, unless its table takes it along; a policy that comes back is gone in between for nobody else."""
    where = policy.address
    if context.holder_gone(where) and where not in context.fates.released:
        return []
    hazard = Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: what rows others see changes")
    return defined.drop(
        Phase.DROP_PART,
        policy,
        f"DROP POLICY {_named(policy)}",
        context,
        lock=Lock.ACCESS_EXCLUSIVE,
        relation=_table(policy),
        hazard=hazard,
    )


def in_place(old: Policy, new: Policy, _: Context) -> bool:
    """Say whether ALTER POLICY can: it changes neither kind nor command, and takes no expression away."""
    if (old.permissive, old.command) != (new.permissive, new.command):
        return False
    return (old.using is None or new.using is not None) and (old.check is None or new.check is not None)


def alter(old: Policy, new: Policy, _: Context) -> list[Operation]:
    """ALTER POLICY: its roles and expressions."""
    parts = [f"TO {', '.join(new.roles)}"] if old.roles != new.roles else []
    if (old.using, old.check) != (new.using, new.check):
        parts += _expressions(new)
    told: list[Operation] = []
    if parts:
        changed = _on(new, f"ALTER POLICY {_named(new)} {' '.join(parts)}", f"alter {new.address}")
        told = [alters(Phase.CREATE_ATTACHED, [changed], new.address)]
    return [*told, *defined.commented("POLICY", _named(new), old, new, relation=_table(new))]


def _expressions(policy: Policy) -> list[str]:
    using = [] if policy.using is None else [f"USING ({policy.using})"]
    return using if policy.check is None else [*using, f"WITH CHECK ({policy.check})"]


def _on(policy: Policy, sql: str, change: str) -> Statement:
    needed = roles.required(policy.roles)
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=_table(policy), change=change, requires=needed)


def _table(policy: Policy) -> str:
    return names.dotted(policy.schema, policy.table)


def _named(policy: Policy) -> str:
    return f"{names.ident(policy.name)} ON {_table(policy)}"
