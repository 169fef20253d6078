"""The tools as a user has them, each in a folder of its own by its own package manager, kept for the next time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALEMBIC = ("alembic>=1.16", "psycopg[binary]>=3.2", "sqlalchemy>=2.1")
DRIZZLE = ("drizzle-kit@0.31.11", "drizzle-orm@0.45", "pg@8")


@dataclass(frozen=True, slots=True)
class Tools:
    """Where they are: the bin folders of the virtual environments, and the folder that node_modules is in."""

    mizzle: Path
    alembic: Path | None = None
    drizzle: Path | None = None


def clean_environment() -> dict[str, str]:
    """Return the environment without what changes how any of the tools runs; Python keeps its bytecode."""
    foreign = ("PG", "MIZZLE_", "DATABASE_URL", "PYTHON", "ALEMBIC_", "XDG_", "NODE_", "NO_COLOR", "FORCE_COLOR")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def install(folder: Path, *, peers: bool) -> Tools:
    """Install Mizzle from this repository, and the peers if they are asked for."""
    mizzle = _environment(folder / "mizzle", [f"{ROOT}[all]", "sqlalchemy>=2.1"], again=["mizzle"])
    if not peers:
        return Tools(mizzle)
    return Tools(mizzle, _environment(folder / "alembic", ALEMBIC), _node_modules(folder / "drizzle"))


def _environment(folder: Path, packages: Sequence[str], *, again: Sequence[str] = ()) -> Path:
    """Return the bin folder of a virtual environment with these packages; those in `again` are installed anew."""
    programs = folder / "bin"
    if not (programs / "python").exists():
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(programs / "python")]
    if again:
        _run([*pip, "uninstall", "--yes", *again])
    _run([*pip, "install", "--compile", *packages])
    return programs


def _node_modules(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"private": True, "bench": DRIZZLE}
    manifest = folder / "package.json"
    if manifest.exists() and json.loads(manifest.read_text()).get("bench") == list(DRIZZLE):
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not there: install Node, or leave --peers out")
    manifest.write_text(json.dumps({"private": True}))
    _run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", *DRIZZLE], folder)
    manifest.write_text(json.dumps(wanted))
    return folder


def _run(command: Sequence[str], folder: Path = ROOT) -> None:
    subprocess.run(command, cwd=folder, stdout=sys.stderr, check=True)
