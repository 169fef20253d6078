"""Models, migrations and database compared, and advised on, in a process of its own: models are read as they are now.

In the server's process they would be imported once, and stay as they were when it began.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mizzle.errors import MizzleError
from mizzle.project.check import Finding, check
from mizzle.project.config import Config
from mizzle.project.project import Project
from mizzle.runner.redaction import without_passwords
from mizzle.studio.refused import Refused

if TYPE_CHECKING:
    from mizzle.advise.findings import Finding as Advised

_FAILED = 70
"""The exit code of a comparison that could not be made, and says why."""


class Wanted(msgspec.Struct):
    """What is compared; it goes to the process on its standard input, where nobody else reads a password."""

    what: Literal["check", "advise"]
    root: str
    settings: dict[str, Any]
    url: str
    tenant: str


async def compare(project: Project, url: str, what: Literal["check", "advise"]) -> Any:
    """Return what was found. Raises Refused where it cannot be; ends the process when it is cancelled."""
    settings = {name: getattr(project.config, name) for name in Config.__struct_fields__ if name != "root"}
    wanted = Wanted(what, str(project.config.root), settings, url, project.tenant)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=pipe, stdout=pipe, stderr=pipe, cwd=project.config.root
    )
    try:
        out, err = await process.communicate(msgspec.json.encode(wanted))
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if process.returncode == _FAILED:
        raise Refused(409, **msgspec.json.decode(out))
    if process.returncode != 0:
        last = err.decode(errors="replace").strip().rpartition("\n")[2]
        raise Refused(500, "the comparison failed", hint=without_passwords(last), code="defect")
    return msgspec.json.decode(out)


def main() -> int:
    """Compare what standard input says, and print what was found as JSON."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    config = msgspec.convert({**wanted.settings, "root": wanted.root}, Config, dec_hook=_path)
    project = Project(config, tenant=wanted.tenant)
    try:
        found = _checked(project, wanted.url) if wanted.what == "check" else _advised(project, wanted.url)
    except MizzleError as error:
        told = {"message": without_passwords(error.message), "hint": error.hint, "code": type(error).__name__}
        sys.stdout.buffer.write(msgspec.json.encode(told))
        return _FAILED
    finally:
        project.close()
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


def _checked(project: Project, url: str) -> dict[str, Any]:
    checked = check(project, url=url)
    return {"passed": checked.passed, "findings": [_finding(each) for each in checked.findings]}


def _advised(project: Project, url: str) -> dict[str, Any]:
    from mizzle.project.advise import Asked, advise  # noqa: PLC0415 - a comparison needs none of it

    project.config = msgspec.structs.replace(project.config, flag_url=url)
    advice = advise(project, Asked())
    return {
        "findings": [_advice(each) for each in advice.findings],
        "accepted": [{**_advice(each.finding), "reason": each.reason} for each in advice.answered],
        "notes": advice.notes,
    }


def _advice(each: Advised) -> dict[str, Any]:
    names = ("code", "subject", "message", "evidence", "gain", "cost", "statements", "instead", "model")
    return {name: getattr(each, name) for name in names}


def _path(kind: type, value: Any) -> Any:
    return kind(value) if kind is Path else value


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "message": without_passwords(each.message),
        "hint": each.hint,
        "lines": each.lines,
        "undo": without_passwords(each.undo),
        "adopt": without_passwords(each.adopt),
    }


if __name__ == "__main__":
    sys.exit(main())
