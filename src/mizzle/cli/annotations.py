"""Findings of `check` in the forms of GitHub and GitLab, which show them at the lines of the SQL."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mizzle.project.check import Finding
from mizzle.project.config import Config, in_folder
from mizzle.runner.redaction import without_passwords

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say which folder their paths are relative to."""
_SEVERITIES = {"error": "major", "warning": "minor"}

# As github.com/actions/toolkit escapes them (packages/core/src/command.ts); the percent sign first.
_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def github(config: Config, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a workflow command for each finding, one line each; what is in no file is told of the whole run."""
    for each in _apart(findings):
        place: dict[str, object] = {}
        if each.file:
            place = {"file": _path(config, each), "line": each.line}
            place |= {"col": each.lint.column} if each.lint is not None else {}
        said = ",".join(f"{name}={_property(str(value))}" for name, value in (place | {"title": _title(each)}).items())
        text = "\n".join(part for part in (_text(each), each.hint and f"hint: {each.hint}") if part)
        yield f"::{each.level} {said}::{_escaped(without_passwords(text), _IN_DATA)}"


def gitlab(config: Config, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return the findings as a Code Quality report; what is in no file is told of the configuration.

    The fingerprint of a finding is the same in the next run, whatever line it stands in by then.
    """
    seen: dict[str, int] = {}
    return [_issue(config, each, seen) for each in _apart(findings)]


def _apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings, one whose lines are in several places as one for each of these."""
    for each in findings:
        for file, line in dict.fromkeys(each.places) or [(each.file, each.line)]:
            here = [text for text, place in zip(each.lines, each.places, strict=False) if place == (file, line)]
            yield replace(each, file=file, line=line, lines=tuple(here or each.lines), places=())


def _issue(config: Config, found: Finding, seen: dict[str, int]) -> dict[str, Any]:
    path, text = _path(config, found), without_passwords(_text(found))
    same = "\0".join((path, _rule(found), text))
    seen[same] = seen.get(same, 0) + 1
    return {
        "description": text,
        "check_name": f"mizzle/{_rule(found)}",
        "fingerprint": hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest()[:32],
        "severity": _SEVERITIES[found.level],
        "location": {"path": path, "lines": {"begin": max(found.line, 1)}},
    }


def _rule(found: Finding) -> str:
    return found.lint.rule if found.lint is not None else found.kind


def _title(found: Finding) -> str:
    return f"mizzle: {_rule(found)}"


def _text(found: Finding) -> str:
    return "\n".join((found.message, *(f"- {line}" for line in found.lines)))


def _path(config: Config, found: Finding) -> str:
    """Return the path from the top of the repository, with slashes; without a file that of the configuration."""
    at = config.migrations_folder / found.file if found.file else in_folder(config.root) or config.root
    at = at.resolve()
    top = _top(at, os.environ)
    return at.relative_to(top).as_posix() if at.is_relative_to(top) else at.as_posix()


def _top(path: Path, env: Mapping[str, str]) -> Path:
    """Return the folder that paths are relative to: the checkout of a runner, else the repository of git."""
    for name in _CHECKOUTS:
        if (given := env.get(name)) and path.is_relative_to(top := Path(given).resolve()):
            return top
    return next((each for each in path.parents if (each / ".git").exists()), Path.cwd())


def _property(text: str) -> str:
    return _escaped(text, _IN_PROPERTY)


def _escaped(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for character, written in pairs:
        text = text.replace(character, written)
    return text
