"""Dumps as pg_dump writes them: loaded unstripped, and what is left out of them is said."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from mizzle.errors import ConfigError
from mizzle.sources.dumps import plain

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mizzle
    from servers import Server

SCHEMA = r"""
CREATE TABLE t (id integer PRIMARY KEY, note text DEFAULT E'it''s \\ %', CHECK (note <> E'a\nCOPY t FROM stdin;'));
CREATE TABLE u (t integer REFERENCES t, "My column" text);
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
\i is no command here
COPY t FROM stdin;
END $$;
INSERT INTO t VALUES (1, E'a $$ '' "tab\t \\. back\\N'), (2, E'\\.'), (3, NULL);
INSERT INTO u VALUES (1, 'x'), (2, NULL);
"""


@pytest.mark.parametrize("options", [[], ["--create", "--clean"], ["--inserts"], ["--schema-only"]])
def test_a_dump_is_loaded_as_it_is(
    any_server: Server, any_database: str, mizzle: Mizzle, tmp_path: Path, options: list[str]
) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        runs = SCHEMA.replace("BEGIN\n\\i", "BEGIN\n-- \\i").replace("COPY t FROM stdin;\nEND", "END")
        connection.execute(runs.encode())
    dump = tmp_path / "dump.sql"
    written = subprocess.run(
        [any_server.bin / "pg_dump", *options, any_database], capture_output=True, encoding="utf-8", check=True
    ).stdout
    dump.write_text(written, encoding="utf-8")
    (tmp_path / "mizzle.toml").write_text('models = "dump.sql"\n', encoding="utf-8")
    same = mizzle("diff", any_database, dump, cwd=tmp_path)
    assert (same.returncode, same.stdout) == (0, ""), same.stderr
    assert ("the rows of 2 tables" in same.stderr) == ("COPY public.t" in written)
    proved = mizzle("diff", "empty", dump, "--prove", cwd=tmp_path)
    assert proved.returncode == 1, proved.stderr
    assert "CREATE FUNCTION public.f()" in proved.stdout


def test_what_is_left_out_keeps_the_lines_of_the_file() -> None:
    rows = "COPY t (a) FROM stdin;\nit's $$\n\\.\n"
    written = f"\\restrict k\nSET transaction_timeout = 0;\n{rows}\\unrestrict k\nSELEC 1;\n"
    text, skipped = plain(written, place="x")
    assert text == "\n" * 6 + "SELEC 1;\n"
    assert skipped == ("\\restrict", "SET transaction_timeout", "the rows of 1 table", "\\unrestrict")


def test_what_stands_in_a_text_is_no_command() -> None:
    comment = "COMMENT ON TABLE t IS 'a\n\\i b';\n"
    text = f"{comment}CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n\\i b\nCOPY t FROM stdin;\n$$;\n"
    assert plain(text, place="x") == (text, ())


@pytest.mark.parametrize(
    "command", ["\\i other.sql", "\\copy t from 'x'", "\\set x 1", "\\gexec", "\\if true", "\\! rm"]
)
def test_other_commands_of_psql_are_refused_by_name(command: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plain(f"SELECT 1;\n{command}\n", place="dump.sql")
    name = command.split(maxsplit=1)[0]
    assert caught.value.message == f"dump.sql, line 2: {name} is a command of psql, not SQL"
    assert "without psql" in caught.value.hint


def test_rows_without_an_end_are_refused() -> None:
    with pytest.raises(ConfigError, match="line 2: rows without an end"):
        plain("SELECT 1;\nCOPY t FROM stdin;\n1\n2\n", place="dump.sql")
