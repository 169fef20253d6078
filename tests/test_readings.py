"""The models are read in a process of their own, and again only when something that they depend on has changed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Mizzle

STEADY = {"PYTEST_CURRENT_TEST": ""}  # in the environment, and different at each moment
MODELS = """\
import os, sys
from sqlalchemy import Column, Integer, MetaData, Table
print("imported", file=sys.stderr)
metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True))
"""


@pytest.fixture
def shop(tmp_path: Path, mizzle: Mizzle) -> Path:
    """A project in which `generate` finds no changes, and has kept what it read."""
    folder = tmp_path / "shop"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "models.py").write_text(MODELS)
    (folder / "mizzle.toml").write_text('models = "app.models:metadata"\n')
    for _ in range(2):
        assert mizzle("generate", cwd=folder, env=STEADY).returncode == 0
    return folder


def reads(mizzle: Mizzle, folder: Path, *command: str, **env: str) -> bool:
    """Run a command that finds nothing to do; say whether it imported the models."""
    ran = mizzle(*(command or ("generate",)), cwd=folder, env={**STEADY, **env})
    assert ran.returncode == 0, ran.stderr
    assert set(ran.stderr.splitlines()) <= {"imported"}
    return bool(ran.stderr)


def rely(folder: Path, code: str) -> None:
    """Have the models do something when they are imported."""
    (folder / "app" / "models.py").write_text(MODELS + code)


def test_nothing_changed_and_nothing_is_read(mizzle: Mizzle, shop: Path) -> None:
    assert not reads(mizzle, shop)


def test_check_relies_on_no_earlier_reading(mizzle: Mizzle, shop: Path) -> None:
    assert reads(mizzle, shop, "check")


def test_an_edit_is_seen_whatever_its_size_and_time(mizzle: Mizzle, shop: Path) -> None:
    models = shop / "app" / "models.py"
    before = models.stat()
    models.write_text(MODELS.replace("users", "buyer"))
    os.utime(models, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reads(mizzle, shop)  # what Python makes of such a file, its bytecode says


def test_a_new_module_that_defines_tables_is_named(mizzle: Mizzle, shop: Path) -> None:
    (shop / "app" / "more.py").write_text('from .models import *\nTable("more", metadata)\n')
    ran = mizzle("generate", cwd=shop)
    assert ran.returncode == 2
    assert "app.more (more)" in ran.stderr


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_the_models_look_for_counts(mizzle: Mizzle, shop: Path, there: bool) -> None:  # noqa: FBT001
    data = shop / "tenants.txt"
    if there:
        data.write_text("one")
    rely(shop, 'try: open("tenants.txt").close()\nexcept OSError: pass\n')
    reads(mizzle, shop)
    assert not reads(mizzle, shop)
    data.write_text("two")
    assert reads(mizzle, shop)
    assert not reads(mizzle, shop)


def test_a_file_whose_being_there_the_models_ask_counts(mizzle: Mizzle, shop: Path) -> None:
    rely(shop, 'if os.path.exists("conf/wide.flag"): Table("extra", metadata)\n')
    (shop / "conf").mkdir()
    reads(mizzle, shop)
    assert not reads(mizzle, shop)
    (shop / "conf" / "wide.flag").touch()
    ran = mizzle("generate", cwd=shop, env=STEADY)
    assert "extra" in next((shop / "migrations").glob("*_add_extra/up.sql")).read_text(), ran.stderr


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_module_that_may_be_installed_counts(mizzle: Mizzle, shop: Path, tmp_path: Path, where: str) -> None:
    folder = shop if where == "here" else tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    path = {} if where == "here" else {"PYTHONPATH": str(folder)}
    rely(shop, "try: import plugin_x\nexcept ImportError: pass\n")
    reads(mizzle, shop, **path)
    assert not reads(mizzle, shop, **path)
    (folder / "plugin_x.py").touch()
    assert reads(mizzle, shop, **path)


def test_a_folder_that_the_models_list_counts(mizzle: Mizzle, shop: Path) -> None:
    (shop / "parts").mkdir()
    rely(shop, 'os.listdir("parts")\n')
    reads(mizzle, shop)
    assert not reads(mizzle, shop)
    (shop / "parts" / "new").touch()
    assert reads(mizzle, shop)


def test_the_environment_counts(mizzle: Mizzle, shop: Path) -> None:
    assert reads(mizzle, shop, FEATURE="on")
    assert not reads(mizzle, shop, FEATURE="on")
    assert reads(mizzle, shop, FEATURE="off")


@pytest.mark.parametrize(
    "code",
    [
        'import sqlalchemy\nsqlalchemy.create_engine(os.environ["TENANTS"]).connect().close()\n',
        "import subprocess\nsubprocess.run([sys.executable, '-c', ''])\n",
        "import time\nopen('log', 'w').close()\nopen('log').close()\n",  # looked into, and just changed
    ],
)
def test_what_no_file_tells_is_read_each_time(mizzle: Mizzle, shop: Path, database: str, code: str) -> None:
    rely(shop, code)
    env = {"TENANTS": database.replace("://", "+psycopg://", 1)}
    assert all(reads(mizzle, shop, **env) for _ in range(3))


def test_an_environment_that_is_no_text_is_taken_as_it_is(shop: Path) -> None:
    for _ in range(2):
        command = f"ODD=$'\\xff' {shlex.quote(sys.executable)} -m mizzle generate"
        ran = subprocess.run(["bash", "-c", command], cwd=shop, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (0, "no changes\n"), ran.stderr


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(mizzle: Mizzle, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    assert reads(mizzle, shop, XDG_CACHE_HOME=str(tmp_path / "cache"))


def test_what_the_models_start_is_not_waited_for(mizzle: Mizzle, shop: Path) -> None:
    rely(shop, "if os.fork() == 0:\n    os.close(1)\n    os.close(2)\n    import time\n    time.sleep(90)\n")
    # Python itself would wait for the pipes of what it runs; here only the reading's own is left open.
    ran = subprocess.run(
        [sys.executable, "-m", "mizzle", "generate"],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert ran.stdout == b"no changes\n"


def test_a_reading_that_is_damaged_is_made_again(mizzle: Mizzle, shop: Path) -> None:
    for kept in Path(os.environ["XDG_CACHE_HOME"], "mizzle", "models").iterdir():
        kept.write_bytes(b"\x93")
    assert reads(mizzle, shop)
    assert not reads(mizzle, shop)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os\nos._exit(3)\n", "error: importing the models ended the process that did it"),
        ("1 / 0\n", "error: models app.models:metadata do not import: ZeroDivisionError: division by zero"),
        ("from mizzle import ImportFailed\nclass Mine(ImportFailed): pass\nraise Mine('so', hint='go')\n", "error: so"),
        ("def __getattr__(name): raise PermissionError(13, 'no', 'f')\ndel metadata\n", "PermissionError"),
        ("raise SystemExit\n", "error: models app.models:metadata do not import: SystemExit"),
    ],
)
def test_models_that_fail_are_told_in_the_same_words(mizzle: Mizzle, shop: Path, code: str, says: str) -> None:
    rely(shop, code)
    ran = mizzle("generate", cwd=shop)
    assert ran.returncode == 4
    assert says in ran.stderr
    assert "hint: " in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_library_reads_where_it_is_asked(shop: Path) -> None:
    program = """
import sys
from mizzle import Project
project = Project.load()
assert project.sources.ddl[0].startswith("CREATE TABLE users")
assert "app.models" in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=shop, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "imported\n")
