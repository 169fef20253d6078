"""Contract migrations wait for somebody to say that no old code runs any more; what is behind them waits, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

import mizzle as library
from mizzle.migrations.folder import load
from projects import Project, project
from runner_units import states

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = (f"CREATE TABLE {name} (id integer)" for name in ("one", "two", "three"))


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Three migrations, of which the second is the contract of the first."""
    made = project(tmp_path / "shop", ONE)
    made.run("generate", "one")
    made.schema(ONE, TWO)
    made.run("generate", "two")
    made.schema(ONE, TWO, THREE)
    made.run("generate", "three")
    contract_of(made, 1, 0)
    return made


def contract_of(shop: Project, contract: int, expand: int) -> None:
    """Say in a migration's snapshot whose contract it is."""
    ids = shop.ids()
    path = shop.migrations / ids[contract] / "snapshot.json"
    text = path.read_text(encoding="utf-8")
    assert ' "contracts": "",\n' in text
    path.write_text(text.replace(' "contracts": ""', f' "contracts": "{ids[expand]}"'), encoding="utf-8")


def test_a_contract_waits_and_what_is_behind_it_waits_too(shop: Project, any_database: str) -> None:
    one, two, three = shop.ids()
    shop.run("--url", any_database, "migrate", "--to", one)
    ran = shop.run("--url", any_database, "migrate")
    assert ran.out == (
        f"waits    {two}   contract of {one}: run mizzle migrate --contract when no old code runs any more\n"
        f"waits    {three}   behind the contract {two}\n"
    )
    assert shop.run("--url", any_database, "migrate", "--dry-run").out == ran.out
    found = shop.run("--url", any_database, "migrate", "--json").json
    assert found["waits"] == [{"migration": two, "contracts": one}, {"migration": three, "contracts": None}]
    assert (found["applied"], found["pending"]) == ([], [])
    assert states(any_database) == [(one, "applied")]
    told = shop.run("--url", any_database, "status", code=1)
    assert told.says(
        f"pending  {two}", f"contract of {one}: run mizzle migrate --contract", f"behind the contract {two}"
    )
    listed = shop.run("--url", any_database, "status", "--json", code=1).json["migrations"]
    assert [each["contracts"] for each in listed] == [None, one, None]
    assert shop.run("--url", any_database, "check").says("the database waits with a contract")
    shop.run("--url", any_database, "migrate", "--contract")
    assert [state for _, state in states(any_database)] == ["applied"] * 3


def test_it_runs_where_it_is_named_and_only_up_to_it(shop: Project, database: str) -> None:
    one, two, three = shop.ids()
    shop.run("--url", database, "migrate", "--to", one)
    assert shop.run("--url", database, "migrate", "--to", three).says(f"waits    {two}", f"waits    {three}")
    shop.run("--url", database, "migrate", "--to", two)
    assert [migration for migration, _ in states(database)] == [one, two]
    assert "waits" not in shop.run("--url", database, "migrate").out


def test_a_new_database_has_no_old_code(shop: Project, database: str) -> None:
    assert "waits" not in shop.run("--url", database, "migrate", "--dry-run").out
    shop.run("--url", database, "migrate")
    assert [state for _, state in states(database)] == ["applied"] * 3


def test_one_that_was_begun_is_finished(shop: Project, database: str) -> None:
    one, two, _ = shop.ids()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.two (id integer)")
        shop.run("--url", database, "migrate", "--to", one)
        shop.run("--url", database, "migrate", "--contract", code=4)
        connection.execute("DROP TABLE public.two")
    assert states(database)[-1] == (two, "failed")
    ran = shop.run("--url", database, "migrate", "--contract")
    assert ran.says(f"applied  {two}")


def test_the_library_takes_the_same_word(shop: Project, database: str) -> None:
    one, two, three = shop.ids()
    library.migrate(database, shop.migrations, to=one)
    report = library.migrate(database, shop.migrations)
    assert (report.applied, [each.id for each in report.held]) == ((), [two, three])
    assert len(library.migrate(database, shop.migrations, contract=True).applied) == len((two, three))


def test_a_fleet_tells_what_waits(shop: Project, database: str) -> None:
    one, two, _ = shop.ids()
    shop.run("--url", database, "migrate", "--to", one)
    (shop.folder / "fleet").write_text(f"{database}\n", encoding="utf-8")
    ran = shop.run("--url", database, "migrate", "--fleet", "fleet")
    assert ran.says("1 current", f"waits    {two}   contract of {one}")
    found = shop.run("--url", database, "migrate", "--fleet", "fleet", "--json").json
    assert found["targets"][0]["waits"] == list(shop.ids()[1:])
    shop.run("--url", database, "migrate", "--fleet", "fleet", "--contract")
    assert [state for _, state in states(database)] == ["applied"] * 3


def test_rebase_keeps_whose_contract_it_is_and_squash_does_not(shop: Project) -> None:
    one, two, _ = shop.ids()
    path = shop.migrations / one / "up.sql"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n-- edited\n", encoding="utf-8")
    shop.run("rebase")
    assert [each.contracts for each in load(shop.migrations).chain()] == ["", one, ""]
    shop.run("squash", "--to", two)
    assert [each.contracts for each in load(shop.migrations).chain()] == ["", ""]
