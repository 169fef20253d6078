"""Storage parameters, of tables and of the indexes behind keys."""

from __future__ import annotations

from mizzle import names
from mizzle.planning.steps import Lock, Statement


def clause(options: tuple[str, ...]) -> str:
    """Return `options`, each as `name=value`, as they stand in WITH (…) and SET (…)."""
    return ", ".join(map(_option, options))


def altered(
    kind: str,
    name: str,
    old: tuple[str, ...],
    new: tuple[str, ...],
    *,
    change: str,
    lock: Lock = Lock.SHARE_UPDATE_EXCLUSIVE,
) -> list[Statement]:
    """Return what sets and resets the parameters of a TABLE, INDEX or VIEW (`kind`) called `name`, in SQL."""
    wanted = {_key(option) for option in new}
    gone = [_key(option) for option in old if _key(option) not in wanted]
    changed = tuple(option for option in new if option not in old)
    clauses = ([f"SET ({clause(changed)})"] if changed else []) + ([f"RESET ({', '.join(gone)})"] if gone else [])
    return [Statement(f"ALTER {kind} {name} {each}", lock=lock, relation=name, change=change) for each in clauses]


def _key(option: str) -> str:
    return option.partition("=")[0]


def _option(option: str) -> str:
    name, _, value = option.partition("=")
    return f"{name}={names.literal(value)}"
