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
DRIZZLE_LOADED = (*DRIZZLE, "tsx@4")
DRIZZLE_NEXT = ("drizzle-kit@1.0.0-rc.5", "drizzle-orm@1.0.0-rc.5", "pg@8", "jiti@2")
DJANGO = ("django==5.2.*", "psycopg[binary]>=3.2")
MIGRA = ("migra==3.0.*", "psycopg2-binary", "setuptools<81", "sqlalchemy<2")  # the last that it runs with


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
    mizzle = environment(folder / "mizzle", [f"{ROOT}[all]", "sqlalchemy>=2.1"], again=["mizzle"])
    if not peers:
        return Tools(mizzle)
    return Tools(mizzle, environment(folder / "alembic", ALEMBIC), node_modules(folder / "drizzle"))


def environment(folder: Path, packages: Sequence[str], *, again: Sequence[str] = ()) -> Path:
    """Return the bin folder of a virtual environment with these packages; those in `again` are installed anew."""
    programs = folder / "bin"
    if not (programs / "python").exists():
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(programs / "python")]
    if again:
        _run([*pip, "uninstall", "--yes", *again])
    _run([*pip, "install", "--compile", *packages])
    return programs


def node_modules(folder: Path, packages: Sequence[str] = DRIZZLE) -> Path:
    """Return a folder with these packages in its node_modules."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"private": True, "bench": packages}
    manifest = folder / "package.json"
    if manifest.exists() and json.loads(manifest.read_text()).get("bench") == list(packages):
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not there: install Node, or leave --peers out")
    manifest.write_text(json.dumps({"private": True}))
    _run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", *packages], folder)
    manifest.write_text(json.dumps(wanted))
    return folder


def _run(command: Sequence[str], folder: Path = ROOT) -> None:
    subprocess.run(command, cwd=folder, stdout=sys.stderr, check=True)
