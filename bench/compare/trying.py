"""All trials with all tools, on one server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import server
from bench.compare import noticing, planning, reaching, running, tools
from bench.compare.planning import Trial
from bench.compare.project import Project
from bench.compare.record import Said, Tried

TRIALS: Mapping[str, Trial] = {**planning.TRIALS, **running.TRIALS, **noticing.TRIALS, **reaching.TRIALS}


def everything(folder: Path, before: Tried, *, only: Sequence[str], of: Sequence[str]) -> Iterator[Tried]:
    """Try `only` these trials (all, if empty) with these tools, in `folder`; yield the record with each that is done.

    What is not tried stays as it was.
    """
    versions = dict(before.versions)
    trials = {trial: dict(before.trials.get(trial, {})) for trial in TRIALS}
    work = folder / "compare"
    shutil.rmtree(work, ignore_errors=True)
    with server.running() as on:
        for tool, programs in tools.installed(folder / "tools").items():
            if of and tool.tool not in of:
                continue
            first = tool(work / tool.tool / "first" / "shop", programs, on)
            first.make()
            versions[tool.tool] = first.version
            for name in only or TRIALS:
                trials[name][tool.tool] = _tried(name, first)
                yield Tried(datetime.now(UTC).date().isoformat(), versions, trials)
    shutil.rmtree(work)


def _tried(name: str, first: Project) -> tuple[Said, ...]:
    sys.stderr.write(f"{first.tool}: {name}\n")
    project = first.copy(first.root.parents[1] / name.replace("-", "_") / "shop")
    TRIALS[name](project)
    first.server.drop(project.url)
    return tuple(project.said)
