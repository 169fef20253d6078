"""What was tried and what came of it, as it is kept in docs/compare/tried.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_LONGEST = 4000
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][0-9A-B]|[78=>])|\r")

_SPINNER = re.compile(r"(?:\[[\u2800-\u28ff]\] ([a-z ]+\.\.\.))+")
_PROGRESS = re.compile(r"^\[(?:[\u2800-\u28ff]|\u2713)\] [\w ]+(?:fetch(?:ing|ed)|database\.\.\.)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """A command, or a question to PostgreSQL, and what it said; `exit` is None where a program was ended from outside.

    What is no program has 0.
    """

    what: str
    exit: int | None
    text: str

    @property
    def whole(self) -> str:
        """The command, what it said, and how it ended: what a row's `shows` are looked for in."""
        return f"$ {self.what}\n{self.text}\n[{'ended from outside' if self.exit is None else f'exit {self.exit}'}]"


@dataclass(frozen=True, slots=True)
class Tried:
    """All of a run: `versions` by tool, and what was said by trial and tool."""

    when: str
    versions: Mapping[str, str]
    trials: Mapping[str, Mapping[str, tuple[Said, ...]]]

    def text(self, trial: str, tool: str) -> str:
        """Return all that a tool said in a trial; empty where it was not tried."""
        return "\n".join(each.whole for each in self.trials.get(trial, {}).get(tool, ()))


def short(text: str) -> str:
    """Return a text as it is kept: without what moves the cursor, the frames of tracebacks, and not without end."""
    still = _PROGRESS.sub("", _SPINNER.sub(r"\1", ESCAPES.sub("", text)))
    lines = "\n".join(_without_frames(still.strip().splitlines()))
    return lines if len(lines) <= _LONGEST else f"{lines[: _LONGEST // 2]}\n[...]\n{lines[-_LONGEST // 2 :]}"


def _without_frames(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        frame = line.startswith(('  File "', "    at "))
        if not frame and not (inside and line.startswith("    ")):
            yield line.rstrip()
        inside = frame or (inside and line.startswith("    "))


def read(path: Path) -> Tried:
    """Return what was kept at `path`; nothing where it is not there yet."""
    if not path.exists():
        return Tried("", {}, {})
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    trials = {
        trial: {tool: tuple(Said(**each) for each in said) for tool, said in tools.items()}
        for trial, tools in found["trials"].items()
    }
    return Tried(found["when"], found["versions"], trials)


def write(path: Path, tried: Tried) -> None:
    """Keep it."""
    path.write_text(json.dumps(asdict(tried), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
