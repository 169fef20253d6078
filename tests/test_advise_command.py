"""`mizzle advise`, as a user runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import Project, execute, project, run
from test_advise_live import ROWS
from test_advise_live import run as run_sql

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Server

BARE = (
    "CREATE TABLE teams (id integer PRIMARY KEY)",
    "CREATE TABLE users (id integer PRIMARY KEY, team integer CONSTRAINT k REFERENCES teams, made timestamp)",
)
KEY = "foreign-key-without-index public.users.k"
TIME = "timestamp-without-time-zone public.users"


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project whose one migration lacks an index."""
    made = project(tmp_path / "project", *BARE)
    made.run("generate", "first")
    return made


class TestFindings:
    """What it prints, and how it ends."""

    def test_findings_are_an_exit_code_of_1(self, bare: Project) -> None:
        ran = bare.run("advise", code=1)
        assert ran.says("foreign-key-without-index  1", "public.users.k", "2 findings in head", "mizzle advise --write")
        assert "CREATE INDEX users_team_idx ON public.users (team);" in ran.out
        assert 'Index("users_team_idx", "team")' in ran.out
        assert max(len(line) for line in ran.out.splitlines() if ";" not in line) <= 80

    def test_nothing_found_is_0(self, tmp_path: Path) -> None:
        made = project(tmp_path, "CREATE TABLE a (b integer)")
        assert made.run("advise").says("no findings in models")

    def test_models_that_are_no_migration_yet(self, bare: Project) -> None:
        bare.schema(*BARE, "CREATE INDEX ON users (team)")
        assert bare.run("advise", "models", code=1).says("1 finding in models")
        assert bare.run("advise", code=1).says("2 findings in head")

    def test_json_holds_all_of_it(self, bare: Project) -> None:
        found = bare.run("advise", "--json", code=1).json
        first = found["findings"][0]
        assert (first["code"], first["subject"]) == ("foreign-key-without-index", "public.users.k")
        assert first["statements"] == ["CREATE INDEX users_team_idx ON public.users (team)"]
        assert first["gain"]
        assert first["cost"]
        assert found["source"] == "head"
        assert found["migration"] is None

    def test_only_one_kind_or_one_thing(self, bare: Project) -> None:
        assert bare.run("advise", "--only", "timestamp-without-time-zone", code=1).says("1 finding in")
        assert bare.run("advise", "--only", "public.users.k", code=1).says("1 finding in")
        assert bare.run("advise", "--only", "duplicate-index").says("no findings in")
        assert bare.run("advise", "--only", "duplicates", code=2).says("no kind of finding", "kinds are")

    def test_a_file_of_sql_where_there_is_no_project(self, tmp_path: Path) -> None:
        file = tmp_path / "dump.sql"
        file.write_text(";\n".join((*BARE, "CREATE SCHEMA s", "CREATE TABLE s.t (a timestamp)")) + ";\n")
        ran = run("-C", str(tmp_path), "advise", "dump.sql")
        assert ran.code == 1
        assert ran.says("public.users.k", "s.t")

    def test_no_project_and_no_database(self, tmp_path: Path) -> None:
        ran = run("-C", str(tmp_path), "advise")
        assert ran.code == 2
        assert ran.says("no [tool.mizzle]")

    def test_a_database_where_there_is_no_project(self, tmp_path: Path, any_database: str) -> None:
        run_sql(any_database, ROWS, "DROP INDEX runs_tenant_idx")
        ran = run("-C", str(tmp_path), "advise", "--url", any_database)
        assert ran.code == 1
        assert ran.says(
            "public.runs has about 60,000 rows", "1 finding in the database", "pg_stat_statements is not there"
        )

    def test_a_database_that_was_never_analyzed(self, bare: Project, database: str) -> None:
        bare.run("--url", database, "migrate")
        ran = bare.run("--url", database, "advise", code=1)
        assert ran.says("no table has been analyzed yet")
        assert "mizzle.history" not in ran.out

    def test_what_is_ignored_is_not_told(self, bare: Project) -> None:
        bare.settings('ignore = ["table:users"]')
        assert bare.run("advise", "head").says("no findings in head")

    def test_a_file_that_holds_no_query(self, bare: Project, tmp_path: Path) -> None:
        file = tmp_path / "queries.sql"
        file.write_text("-- nothing\n")
        assert bare.run("advise", "--queries", str(file), code=2).says("holds no statement")

    def test_queries_without_a_database(self, bare: Project, tmp_path: Path) -> None:
        file = tmp_path / "queries.sql"
        file.write_text("SELECT * FROM users WHERE team = %s AND made > %s")
        ran = bare.run("advise", "--queries", str(file), code=1)
        assert ran.says("queries.sql, line 1", "users_team_made_idx", "1,000,000 rows in each")

    @pytest.mark.parametrize(
        ("sql", "index"),
        [
            ("SELECT * FROM people WHERE email = $1", "people (email)"),
            ("SELECT * FROM events WHERE person = $1 AND at > $2", "events (person, at)"),
            ("SELECT * FROM people WHERE status = $1", ""),
            ("SELECT * FROM people WHERE known", ""),
        ],
    )
    def test_what_is_taken_to_have_many_values_without_a_database(self, tmp_path: Path, sql: str, index: str) -> None:
        made = project(
            tmp_path / "project",
            "CREATE TABLE people (id integer PRIMARY KEY, email text, status text, known boolean)",
            "CREATE TABLE events (person integer, at timestamptz) PARTITION BY RANGE (at)",
            "CREATE TABLE e1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
            "CREATE TABLE e2 PARTITION OF events DEFAULT",
        )
        (tmp_path / "queries.sql").write_text(sql)
        found = made.run("advise", "models", "--queries", str(tmp_path / "queries.sql"), "--json", code=None).json
        made_by = [statement for each in found["findings"] for statement in each["statements"]]
        assert [each.partition(" ON public.")[2] for each in made_by] == ([index] if index else [])

    def test_the_files_of_a_scratch_server_of_others_are_left_alone(
        self, bare: Project, tmp_path: Path, pg18: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "queries.sql"
        file.write_text("SELECT * FROM users WHERE made > %s ORDER BY made LIMIT 5")
        monkeypatch.setenv("MIZZLE_SCRATCH_URL", pg18.admin_url)
        ran = bare.run("advise", "--queries", str(file), code=1)
        assert ran.says("foreign-key-without-index", "nobody can be asked what an index would change")
        assert "missing-index" not in ran.out


class TestAccepted:
    """Findings that the configuration answers."""

    def test_an_answer_with_its_reason(self, bare: Project) -> None:
        bare.settings("[accept]", f'"{KEY}" = "teams are never deleted"', '"timestamp-* *" = "all of it is UTC"')
        ran = bare.run("advise", "-v")
        assert ran.says("no findings in head; 2 accepted", "teams are never deleted")
        found = bare.run("advise", "--json").json
        assert [each["reason"] for each in found["accepted"]] == ["teams are never deleted", "all of it is UTC"]

    def test_a_name_that_reads_as_a_pattern_is_answered_as_it_is_printed(self, bare: Project) -> None:
        bare.schema('CREATE TABLE "a[b]" (made timestamp)')
        bare.settings("[accept]", '\'timestamp-without-time-zone public."a[b]"\' = "all of it is UTC"')
        assert bare.run("advise", "models").says("no findings in models; 1 accepted")

    def test_an_answer_to_nothing_is_told(self, bare: Project) -> None:
        bare.settings("[accept]", '"duplicate-index public.one" = "it is not"')
        assert bare.run("advise", code=1).says("accept: nothing is found that 'duplicate-index public.one' answers")

    def test_an_answer_to_what_only_a_database_or_queries_tell_stays(self, bare: Project, database: str) -> None:
        bare.settings("[accept]", '"unused-index public.one" = "yearly"', '"missing-index public.*" = "no"')
        assert "take it out" not in bare.run("advise", code=1).err
        bare.run("--url", database, "migrate")
        ran = bare.run("--url", database, "advise", code=1)
        assert ran.says("'unused-index public.one' answers; take it out")
        assert "missing-index" not in ran.err

    @pytest.mark.parametrize("line", ['accept = "all"', f'accept = {{ "{KEY}" = "" }}', f'accept = {{ "{KEY}" = 1 }}'])
    def test_an_answer_without_a_reason_is_refused(self, bare: Project, line: str) -> None:
        bare.settings(line)
        assert bare.run("advise", code=2).says("accept", "hint: ")


class TestWrite:
    """The migration that does it."""

    def test_writes_a_proved_migration_that_generate_leaves_alone(self, bare: Project, database: str) -> None:
        ran = bare.run("advise", "--write")
        assert ran.says("wrote ", "proved: it runs, and down.sql leads back")
        first, second = bare.ids()
        assert second.endswith("_advised")
        up = (bare.migrations / second / "up.sql").read_text()
        assert "CREATE INDEX CONCURRENTLY users_team_idx" in up
        assert "timestamptz" not in up  # for people to decide
        assert bare.run("generate").says("no changes")
        bare.run("check")
        bare.run("--url", database, "migrate")
        assert execute(database, "SELECT to_regclass('users_team_idx')::text") == [("users_team_idx",)]
        assert bare.run("--url", database, "advise", "--only", "foreign-key-without-index").says("no findings")
        bare.schema(*BARE, "CREATE INDEX users_team_idx ON users (team)")
        assert bare.run("generate").says("no changes")
        assert bare.run("advise", "--write", code=1).says("no migration")
        assert bare.ids() == [first, second]

    def test_what_people_decide_is_written_by_name(self, bare: Project) -> None:
        bare.run("advise", "--write", "--only", "timestamp-without-time-zone")
        up = (bare.migrations / bare.ids()[1] / "up.sql").read_text()
        assert "ALTER TABLE public.users ALTER COLUMN made TYPE timestamp with time zone" in up
        assert "users_team_idx" not in up

    def test_what_a_view_depends_on_is_for_the_models(self, bare: Project) -> None:
        bare.schema(*BARE, "CREATE VIEW recent AS SELECT made FROM users")
        bare.run("generate", "view")
        ran = bare.run("advise", "--write", "--only", "timestamp-without-time-zone", code=4)
        assert ran.says("the head of the migrations does not take it", "change it in the models")

    def test_a_redundant_index_goes(self, bare: Project) -> None:
        bare.schema(*BARE, "CREATE INDEX one ON users (team)", "CREATE INDEX two ON users (team)")
        bare.run("generate", "two")
        bare.run("advise", "--write", "--only", "duplicate-index")
        assert "DROP INDEX CONCURRENTLY public.two" in (bare.migrations / bare.ids()[2] / "up.sql").read_text()

    def test_without_a_migration_there_is_nothing_to_put_it_behind(self, tmp_path: Path) -> None:
        made = project(tmp_path, *BARE)
        assert made.run("advise", "--write", code=2).says("no migrations to put this behind", "mizzle generate")

    def test_a_database_that_is_not_what_its_migrations_say(self, bare: Project, database: str) -> None:
        run_sql(database, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)")
        ran = bare.run("--url", database, "advise", "--write", code=4)
        assert ran.says("the head of the migrations does not take it", "mizzle check --url")
        assert len(bare.ids()) == 1


class TestTenants:
    """A project with one schema per tenant."""

    @pytest.fixture
    def shop(self, tmp_path: Path) -> Project:
        made = project(tmp_path / "shop", *BARE, settings=("per_schema = true",))
        made.run("generate", "first")
        return made

    def test_what_one_tenant_lacks_is_written_for_all(self, shop: Project, tmp_path: Path, any_database: str) -> None:
        for tenant in ("one", "Two x"):
            run_sql(any_database, f'CREATE SCHEMA "{tenant}"')
            shop.run("--url", any_database, "migrate", "--tenant", tenant)
            run_sql(any_database, f'INSERT INTO "{tenant}".users SELECT generate_series(1, 50000)')
            run_sql(any_database, f"UPDATE \"{tenant}\".users SET made = '2026-01-01'::timestamp + id * interval '1 s'")
        run_sql(any_database, "ANALYZE")
        file = tmp_path / "queries.sql"
        file.write_text("SELECT * FROM users WHERE made = $1")
        asked = ("--url", any_database, "advise", "--tenant", "Two x", "--queries", str(file))
        assert shop.run(*asked, code=1).says('"Two x".users.k', '"Two x".users.made', '"Two x".users (made)')
        assert shop.run(*asked, "--write").says("wrote ", "proved")
        up = (shop.migrations / shop.ids()[1] / "up.sql").read_text()
        assert "ON users USING btree (made);" in up
        for tenant in ("one", "Two x"):
            shop.run("--url", any_database, "migrate", "--tenant", tenant)
        assert shop.run(*asked, "--only", "missing-index").says("no findings")

    def test_one_answer_for_all_tenants(self, shop: Project, database: str) -> None:
        shop.settings("per_schema = true", "[accept]", f'"{KEY}" = "teams stay"', f'"{TIME}" = "all of it is UTC"')
        run_sql(database, 'CREATE SCHEMA "Two x"')
        shop.run("--url", database, "migrate", "--tenant", "Two x")
        assert shop.run("--url", database, "advise", "--tenant", "Two x").says("no findings", "2 accepted")

    def test_the_tenant_is_named_and_there(self, shop: Project, database: str) -> None:
        assert shop.run("--url", database, "advise", code=2).says("none is named")
        ran = shop.run("--url", database, "advise", "--tenant", "nobody", code=4)
        assert ran.says("tenant nobody has no schema", "hint: ")
