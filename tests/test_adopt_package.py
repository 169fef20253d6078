"""adopt on a real project: optuna 5.0.0 (MIT) from PyPI, which ships its models and their Alembic revisions.

It is installed once into a cache folder outside the repository. Where PyPI cannot be reached the test is skipped with
the reason; in CI it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from foreign import CACHE
from projects import execute
from referee import schema_text

if TYPE_CHECKING:
    from conftest import Mizzle
    from servers import Server

PACKAGES = ("optuna==5.0.0", "colorlog", "numpy", "packaging", "pyyaml", "tqdm")

UPGRADE = """
import os
from alembic import command
from alembic.config import Config

config = Config("alembic.ini")
config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))
command.upgrade(config, "head")
"""
CREATE_ALL = """
import os, sqlalchemy
from optuna.storages._rdb.models import BaseModel

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
BaseModel.metadata.create_all(sqlalchemy.create_engine(url))
"""
DRIFT = [
    "sequence public.trial_heartbeats_trial_heartbeat_id_seq: not in the database",
    "table public.trial_heartbeats: not in the database",
    "type public.trialstate: labels (RUNNING, COMPLETE, PRUNED, FAIL, WAITING) -> (RUNNING, COMPLETE, PRUNED, FAIL)",
    "rename constraint public.trial_values.trial_values_trial_id_objective_key to uq_trial_values_trial_id_objective",
    "column public.trial_values.trial_id: NOT NULL dropped",
    "rename index public.ix_trials_study_id to trials_study_id_key",
]


@pytest.fixture(scope="session")
def optuna() -> Path:
    """The folder that optuna is installed in, with what it imports; SQLAlchemy and Alembic are those of the tests."""
    folder = CACHE / "optuna-5.0.0"
    if not folder.exists():
        building = folder.with_name(f"{folder.name}-{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--target", building, *PACKAGES], capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(building, ignore_errors=True)
            stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            stop(f"no optuna to be had from PyPI: {done.stderr.strip()[-200:]}")
        try:
            building.rename(folder)
        except OSError:  # another run was first
            shutil.rmtree(building)
    return folder


def test_optunas_revisions_are_taken_over_and_what_they_lack_is_told(
    pg18: Server, database: str, optuna: Path, tmp_path: Path, mizzle: Mizzle
) -> None:
    """A table that optuna makes when it starts, a label of an enum, names and a NOT NULL: its revisions have none."""
    storages = optuna / "optuna" / "storages" / "_rdb"
    shutil.copytree(storages / "alembic", tmp_path / "alembic")
    shutil.copy(storages / "alembic.ini", tmp_path)
    env = {"DATABASE_URL": database, "PYTHONPATH": str(optuna)}
    python(UPGRADE, tmp_path, env)
    assert mizzle("init", "--models", "optuna.storages._rdb.models:BaseModel", "-C", tmp_path, env=env).returncode == 0
    before = schema_text(database, bin=pg18.bin)

    process = mizzle("adopt", "--json", "-C", tmp_path, env=env)
    assert process.returncode == 1, process.stderr
    found = json.loads(process.stdout)
    assert found["source"]["said"][:2] == [
        "Alembic: alembic.ini, 10 revisions",
        "head v3.2.0.a (Add index to study_id column in trials table)",
    ]
    assert found["drift"] == DRIFT
    assert found["kept"] == found["unmanaged"] == []
    assert schema_text(database, bin=pg18.bin) == before
    assert execute(database, "SELECT * FROM alembic_version") == [("v3.2.0.a",)]

    for command in (["generate"], ["migrate"], ["check", "--url", database]):
        process = mizzle(*command, "-C", tmp_path, env=env)
        assert process.returncode == 0, process.stderr
    made = pg18.create()
    python(CREATE_ALL, tmp_path, env | {"DATABASE_URL": made})
    execute(database, "DROP TABLE alembic_version")
    assert schema_text(database, bin=pg18.bin) == schema_text(made, bin=pg18.bin)


def python(program: str, folder: Path, env: dict[str, str]) -> None:
    """Run a program that must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
