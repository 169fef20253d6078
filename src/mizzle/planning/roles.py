"""Roles that a plan names: global to a server, made by no migration, and asked for before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

from mizzle import names
from mizzle.planning.steps import Requirement

_ROLE, _THERE = "role ", " exists"
_NOT_ROLES = frozenset({"PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"})


def required(roles: Iterable[str]) -> tuple[Requirement, ...]:
    """Return the demands that these roles, as SQL, are there."""
    return tuple(_demand(role) for role in sorted({*roles} - _NOT_ROLES))


def named(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Return the raw names of the roles that are demanded."""
    found = (
        each.sentence for each in requirements if each.sentence.startswith(_ROLE) and each.sentence.endswith(_THERE)
    )
    return tuple(dict.fromkeys(names.parse(each.removeprefix(_ROLE).removesuffix(_THERE))[0] for each in found))


def _demand(role: str) -> Requirement:
    return Requirement(
        f"{_ROLE}{role}{_THERE}",
        f"SELECT (pg_catalog.to_regrole({names.literal(role)}) IS NULL)::integer",
        "a newer PostgreSQL has it" if role.startswith("pg_") else f"make it on this server: CREATE ROLE {role}",
        f"role {role}",
    )
