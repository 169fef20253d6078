"""Squawk, the linter, asked about one step: it reads the text and knows no catalog. It is there with `mizzle[lint]`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

import msgspec

from mizzle.errors import ConfigError
from mizzle.lint.program import program
from mizzle.lint.rules import RULES

_FOUND, _CLEAN = 1, 0


class Said(msgspec.Struct, frozen=True):
    """What squawk finds: a rule, where (`offset`, in characters of the step's text), and its words."""

    rule: str
    offset: int
    message: str
    help: str


class _Violation(msgspec.Struct, frozen=True):
    line: int
    column: int
    message: str
    rule_name: str
    help: str | None = None


def ask(sql: str, *, transaction: bool, major: int) -> tuple[Said, ...]:
    """Return what squawk finds in a step that runs on PostgreSQL `major`; nothing where it is not installed.

    Only rules that count are in it (RULES). SQL that squawk cannot read, and the server can, has no findings.
    """
    found = program()
    if found is None:
        return ()
    command = [str(found), "--config", os.devnull, "--reporter", "json", "--pg-version", f"{major}"]
    command += ["--stdin-filepath", "up.sql", *(["--assume-in-transaction"] if transaction else [])]
    ran = subprocess.run(command, input=sql.encode(), capture_output=True, check=False)
    if ran.returncode not in {_CLEAN, _FOUND}:
        said = ran.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise ConfigError(f"squawk does not run: {said}", hint="install the one that fits: pip install 'mizzle[lint]'")
    violations = msgspec.json.decode(ran.stdout, type=list[_Violation])
    lines = sql.split("\n")
    return tuple(
        Said(each.rule_name, _offset(lines, each), each.message, each.help or "")
        for each in violations
        if each.rule_name in RULES and RULES[each.rule_name].counts != "off"
    )


def _offset(lines: Sequence[str], at: _Violation) -> int:
    """Return a place in characters: squawk counts lines from 0, and columns in bytes."""
    before = lines[at.line].encode()[: at.column].decode(errors="ignore")
    return sum(len(line) + 1 for line in lines[: at.line]) + len(before)
