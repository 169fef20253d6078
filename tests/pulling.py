"""What was pulled, judged by others: Python, ruff, pyright, and a project of its own that is compared with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from projects import run

if TYPE_CHECKING:
    from conftest import Mizzle

_USES = """
import warnings
warnings.simplefilter("error")
from sqlalchemy.orm import configure_mappers
from db import models
configure_mappers()
assert models.Base.metadata.tables
"""


def pull(folder: Path, *arguments: str, code: int = 0) -> dict[str, object]:
    """Pull into `db` of a folder, which has no configuration yet, and return what is told as JSON."""
    ran = run("-C", str(folder), "pull", *arguments, "--json")
    assert ran.code == code, ran.out + ran.err
    told: dict[str, object] = ran.json
    return told


def configure(folder: Path, told: dict[str, object], *more: str) -> None:
    """Write the settings that pull tells of."""
    settings = told["settings"]
    assert isinstance(settings, dict)
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    (folder / "mizzle.toml").write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")


def expect_equal(folder: Path, other: str, mizzle: Mizzle) -> None:
    """Compare the project in a folder with a database or a file, in a process of its own: there is no difference."""
    same = mizzle("diff", "models", other, cwd=folder)
    assert (same.returncode, same.stdout) == (0, ""), same.stdout[:5_000] + same.stderr


def expect_clean(folder: Path, *, types: bool = True) -> None:
    """Let Python import the models, warnings being errors, and ruff and pyright look at them."""
    models = folder / "db" / "models.py"
    _run([sys.executable, "-c", _USES], folder)
    _run([_program("ruff"), "check", "--isolated", "--quiet", models], folder)
    _run([_program("ruff"), "format", "--isolated", "--line-length", "100", "--diff", "--quiet", models], folder)
    if types:
        settings = {"typeCheckingMode": "basic", "pythonVersion": "3.11", "include": ["db"]}
        (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
        _run([_program("pyright"), "--pythonpath", sys.executable, "-p", folder], folder)


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _run(command: list[str | Path], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout[:5_000] + ran.stderr[:5_000]
