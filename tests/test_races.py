"""Eight migrators at once: each migration runs exactly once, and all of them exit 0.

`make races` does a hundred rounds; MIZZLE_TEST_RACES says how many.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from projects import Project, project
from runner_units import rows

if TYPE_CHECKING:
    from servers import Server

ROUNDS = int(os.environ.get("MIZZLE_TEST_RACES", "2"))
MIGRATORS = 8
MODELS = (
    "CREATE TABLE orders (id integer PRIMARY KEY, person integer NOT NULL, amount integer NOT NULL)",
    "CREATE TABLE counted (number bigint NOT NULL)",
)
DATA = """\
-- step 1: transaction
INSERT INTO public.orders SELECT n, n % 100, 1 FROM generate_series(1, 5000) AS n;
INSERT INTO public.counted VALUES (0);

-- step 2: transaction
UPDATE public.orders SET amount = amount + 1;
UPDATE public.counted SET number = number + 1;

-- step 3: no transaction; done when index public.orders_person_idx is valid
CREATE INDEX CONCURRENTLY orders_person_idx ON public.orders (person);

-- step 4: transaction
UPDATE public.counted SET number = number * 2 + 1;
"""
UNDONE = """\
-- step 1: transaction
DROP INDEX public.orders_person_idx;
DELETE FROM public.counted;
DELETE FROM public.orders;
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three migrations: tables, data with a concurrent build, a column."""
    made = project(tmp_path_factory.mktemp("races") / "shop", *MODELS)
    made.run("generate", "first")
    made.run("generate", "--custom", "data")
    made.write(made.ids()[-1], up=DATA, down=UNDONE)
    made.run("rebase")
    index = "CREATE INDEX orders_person_idx ON orders (person)"
    made.schema(MODELS[0].replace("NULL)", "NULL, note text)"), MODELS[1], index)
    made.run("generate", "third")
    return made


@pytest.mark.parametrize("number", range(ROUNDS))
def test_each_migration_runs_once_and_all_are_content(shop: Project, pg18: Server, number: int) -> None:
    del number
    url = pg18.create()
    command = [sys.executable, "-m", "mizzle", "-C", str(shop.folder), "--url", url, "migrate"]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(MIGRATORS)
    ]
    said = [each.communicate(timeout=120) for each in running]
    assert [each.returncode for each in running] == [0] * MIGRATORS, said
    applied = "".join(out for out, _ in said)
    assert [applied.count(migration) for migration in shop.ids()] == [1, 1, 1]
    assert rows(url, "SELECT id, state FROM mizzle.history ORDER BY attempt") == [(m, "applied") for m in shop.ids()]
    assert rows(url, "SELECT number FROM public.counted") == [(3,)]
    assert rows(url, "SELECT count(*), min(amount), max(amount) FROM public.orders") == [(5000, 2, 2)]
    pg18.drop(url)
