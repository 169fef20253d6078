"""What `check` tells of SQL that was written by hand: looked at once, and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from mizzle import caches
from mizzle.errors import ConfigError
from mizzle.lint import program
from mizzle.lint.findings import Finding
from mizzle.migrations.folder import Migration
from mizzle.project.project import Project

if TYPE_CHECKING:
    from mizzle.prove import Scratch

_VERSION = 1  # of what is kept: another one where findings change
_KEPT = "linted"


class Linted(msgspec.Struct, frozen=True):
    """What was found, and whether anything was written by hand."""

    findings: tuple[Finding, ...] = ()
    by_hand: bool = False


def lint(server: Callable[[], Scratch], project: Project, chain: Sequence[Migration]) -> Linted:
    """Return what the hand-written steps of the migrations do to others, but for what the configuration leaves out.

    A migration that was looked at before, on this server and by this squawk, is not run again. Raises ConfigError where
    `lint.since` names none.
    """
    first = _first(project, chain)
    keys = _keys(project, chain, first)
    begun, linted = _kept(keys)
    if begun < len(chain):
        from mizzle.project import by_hand  # noqa: PLC0415 - most often nothing has to be run

        later = by_hand.look(server, project, chain, max(begun, first))
        linted = linted if later is None else Linted(linted.findings + later, by_hand=True)
        _keep(keys, linted)
    left_out = frozenset(project.config.lint.ignore)
    counted = (each for each in linted.findings if each.rule not in left_out and not left_out.intersection(each.squawk))
    return Linted(tuple(counted), linted.by_hand)


def _first(project: Project, chain: Sequence[Migration]) -> int:
    since = project.config.lint.since
    ids = [migration.id for migration in chain]
    if since and since not in ids:
        raise ConfigError(
            f"lint.since names no migration: {since}", hint="name the last one whose SQL is not to be looked at"
        )
    return ids.index(since) + 1 if since else 0


def _keys(project: Project, chain: Sequence[Migration], first: int) -> tuple[str, ...]:
    """Return, for each migration, what the findings up to and with it depend on."""
    stamped = [(m.id, m.up_checksum + m.down_checksum, m.snapshot_checksum) for m in chain]
    by = [_VERSION, program.stamp(), project.target, first]
    return tuple(hashlib.sha256(json.dumps([*by, key]).encode()).hexdigest() for key in project.proof_keys(stamped))


def _kept(keys: Sequence[str]) -> tuple[int, Linted]:
    """Return of how many migrations, from the first on, the findings are kept, and these."""
    cache = caches.folder()
    if cache is None:
        return 0, Linted()
    for number in range(len(keys), 0, -1):
        at = cache / _KEPT / keys[number - 1]
        try:
            linted = msgspec.json.decode(at.read_bytes(), type=Linted)
        except (OSError, msgspec.DecodeError):
            continue
        caches.used(at)
        return number, linted
    return 0, Linted()


def _keep(keys: Sequence[str], linted: Linted) -> None:
    cache = caches.folder()
    if cache is not None:
        caches.put(cache / _KEPT / keys[-1], msgspec.json.encode(linted))
