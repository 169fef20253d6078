"""Rules."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.rule import Rule
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Lock, Statement


def create(rule: Rule) -> list[Operation]:
    """CREATE RULE, enabled or not as it is wanted."""
    where = rule.address
    more = [*_state(rule), *created("RULE", _named(rule), rule.comment, relation=_table(rule))]
    return defined.create(Phase.CREATE_ATTACHED, rule, _on(rule, definition(rule), f"create {where}"), more)


def definition(rule: Rule, *, replace: bool = False) -> str:
    """Return CREATE RULE, or (`replace`) CREATE OR REPLACE RULE."""
    return f"CREATE {'OR REPLACE ' if replace else ''}RULE {names.ident(rule.name)} {rule.definition}"


def drop(rule: Rule, context: Context) -> list[Operation]:
    """DROP RULE, unless its table or view takes it along."""
    if context.holder_gone(rule.address):
        return []
    sql = f"DROP RULE {_named(rule)}"
    return defined.drop(Phase.DROP_PART, rule, sql, context, lock=Lock.ACCESS_EXCLUSIVE, relation=_table(rule))


def in_place(_: Rule, __: Rule, ___: Context) -> bool:
    """Say that CREATE OR REPLACE always can."""
    return True


def alter(old: Rule, new: Rule, _: Context) -> list[Operation]:
    """CREATE OR REPLACE RULE, and the state where it differs."""
    statements = list[Statement]()
    if old.definition != new.definition:
        statements.append(_on(new, definition(new, replace=True), f"alter {new.address}"))
    if old.enabled != new.enabled:
        statements.append(_enabled(new))
    told = [alters(Phase.CREATE_ATTACHED, statements, new.address)] if statements else []
    return [*told, *defined.commented("RULE", _named(new), old, new, relation=_table(new))]


def _state(rule: Rule) -> list[Statement]:
    return [] if rule.enabled == "ENABLE" else [_enabled(rule)]


def _enabled(rule: Rule) -> Statement:
    sql = f"ALTER TABLE {_table(rule)} {rule.enabled} RULE {names.ident(rule.name)}"
    return _on(rule, sql, f"alter {rule.address}")


def _on(rule: Rule, sql: str, change: str) -> Statement:
    return Statement(sql, lock=Lock.ACCESS_EXCLUSIVE, relation=_table(rule), change=change)


def _table(rule: Rule) -> str:
    return names.dotted(rule.schema, rule.table)


def _named(rule: Rule) -> str:
    return f"{names.ident(rule.name)} ON {_table(rule)}"
