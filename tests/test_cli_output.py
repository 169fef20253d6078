"""What commands print: results to stdout, the rest to stderr, colour on a terminal only, JSON and nothing else."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator

from mizzle import __version__
from mizzle.cli.main import COMMANDS, main, mizzle
from mizzle.cli.output import without_passwords
from mizzle.cli.pages import MIZZLE, PAGES
from mizzle.cli.results.schemas import RESULTS
from mizzle.cli.settings import Settings
from projects import Project, execute, project, run
from terminal import Terminal
from told import expect_as_said

if TYPE_CHECKING:
    from conftest import Mizzle

USERS = "CREATE TABLE users (id integer PRIMARY KEY)"
ROOT = Path(__file__).parents[1]
HINT = "hint: mizzle --help lists what there is\n"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = project(tmp_path / "shop", USERS)
    made.run("generate")
    return made


def test_every_command_prints_json_and_nothing_else(shop: Project, database: str, tmp_path: Path) -> None:
    url = ("--url", database)
    assert run("-C", str(tmp_path), "--json", "init").json["models"] == "app.models:Base"
    assert run("-C", str(tmp_path), "--json", "init").json["error"]["kind"] == "ConfigError"
    assert shop.run(*url, "status", "--json", code=1).json["migrations"][0]["state"] == "pending"
    assert shop.run(*url, "check", "--json", code=1).json["findings"][0]["kind"] == "pending"
    assert shop.run(*url, "migrate", "--dry-run", "--json").json["pending"] == shop.ids()
    assert [each["migration"] for each in shop.run(*url, "migrate", "--json").json["applied"]] == shop.ids()
    assert shop.run(*url, "migrate", "--json").json == {"applied": [], "pending": [], "waits": []}
    (found,) = shop.run(*url, "status", "--json").json["migrations"]
    assert (found["state"], found["role"], found["error"], found["hint"]) == ("applied", "postgres", "", "")
    assert shop.run(*url, "check", "--json").json["findings"] == []
    assert shop.run(*url, "push", "--json", code=1).json["error"]["kind"] == "HistoryError"
    assert shop.run("rebase", "--json").json == {"rebased": []}
    assert shop.run("generate", "--json").json == {"migration": None}
    assert shop.run("diff", "head", "models", "--json").json["equal"] is True
    found = shop.run("diff", "empty", "models", "--json", code=1).json
    assert (found["equal"], found["proved"], found["changes"]) == (False, False, ["create table public.users"])
    assert found["steps"][0]["transaction"] is True
    (first,) = shop.ids()
    assert shop.run(*url, "rollback", "--dry-run", "--json").json["migrations"] == [first]
    resolved = shop.run(*url, "resolve", first, "--reverted", "--reason", "it is not", "--json").json
    assert resolved == {"migration": first, "state": "reverted", "reason": "it is not"}
    assert shop.run(*url, "baseline", "--json").json == {"recorded": [first]}
    assert shop.run("generate", "--custom", "--json").json["migration"] == shop.ids()[-1]


def test_errors_are_json_too_even_when_the_command_line_is_not_understood(shop: Project) -> None:
    for arguments in (["--json", "migrat"], ["migrate", "--nope", "--json"], ["diff", "a", "--json"], ["--json"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.json["error"]["kind"] == "ConfigError"
        assert ran.json["error"]["exit"] == 2
    assert shop.run("status", "--json", code=2).json["error"]["message"] == "no database: DATABASE_URL is not set"
    assert run("--json", "x\udcff").json["error"]["message"] == "there is no command x?"  # bytes that are no text


def test_an_error_in_json_says_where_the_run_was_and_what_it_had_done(shop: Project, database: str) -> None:
    shop.schema(USERS, "CREATE TABLE orders (id integer PRIMARY KEY)")
    shop.run("generate")
    first, second = shop.ids()
    execute(database, "CREATE TABLE orders ()")
    error = shop.run("migrate", "--json", "--url", database, code=4).json["error"]
    assert (error["kind"], error["exit"], error["sqlstate"]) == ("DatabaseError", 4, "42P07")
    assert error["where"].items() >= {"command": "migrate", "migration": second, "step": 1, "of": 1}.items()
    assert [each["migration"] for each in error["done"]] == [first]
    assert (error["file"], error["line"] > 1) == (f"migrations/{second}/up.sql", True)
    (shop.migrations / second / "down.sql").unlink()
    error = shop.run("migrate", "--json", "--url", database, code=1).json["error"]
    assert (error["kind"], error["problems"][0]["kind"]) == ("FolderError", "half")


def test_a_fault_is_json_too(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["mizzle", "--json", "-C", str(shop.folder), "rebase"]
    fault = patch("mizzle.cli.rebase.rebase", side_effect=ZeroDivisionError("by zero"))
    with fault, patch.object(sys, "argv", argv), pytest.raises(ZeroDivisionError):
        main()
    told = capsys.readouterr().out
    expect_as_said(argv[1:], told, 1)
    assert json.loads(told)["error"]["kind"] == "ZeroDivisionError"


def test_every_command_has_a_schema_that_says_what_each_field_means() -> None:
    found = run("schema").json
    Draft202012Validator.check_schema(found)
    assert {*RESULTS} == {*COMMANDS}
    assert found["anyOf"] == [{"$ref": f"#/$defs/{command}"} for command in RESULTS]
    objects = [each for each in found["$defs"].values() if "properties" in each]
    assert all(each["description"] for each in objects)
    assert all(field["description"] for each in objects for field in each["properties"].values())
    assert run("schema", "--json").json == found
    for command in COMMANDS:
        alone = run("schema", command).json
        assert (alone["title"], alone["anyOf"]) == (f"mizzle {command} --json", found["$defs"][command]["anyOf"])
        assert alone["$defs"].items() <= found["$defs"].items()
    assert run("schema", "statu", "--json").json["error"]["hint"] == "did you mean status?"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["migrat"], "there is no command migrat; did you mean migrate?", "mizzle --help lists what there is"),
        (["upgrade", "head"], "there is no command upgrade; here it is mizzle migrate", "mizzle --help"),
        (["xyz"], "there is no command xyz", "mizzle --help lists what there is"),
        (["migrate", "--lock-timout", "4s"], "no such option", "mizzle migrate --help lists what there is"),
        (["migrate", "--wait", "long"], "'long' is not a valid float", "mizzle migrate --help lists what there is"),
        (["diff", "models"], "missing argument 'B'", "mizzle diff --help lists what there is; usage: mizzle diff "),
        (
            ["migrate", "--lock-timout", "4s"],
            "no such option: --lock-timout; did you mean --lock-timeout?",
            "mizzle mig",
        ),
        (["migrate", "--to"], "option '--to' requires an argument", "mizzle migrate --help lists what there is"),
        (["completion"], "missing argument 'SHELL'. Choose from: bash, zsh, fish", "mizzle completion --help lists"),
        (["adopt", "flyway"], "invalid value for 'SOURCE': 'flyway' is not one of", "mizzle adopt --help lists"),
        (["--dry-run", "migrate"], "no such option: --dry-run", "mizzle --help lists what there is; the options of a"),
        (["help", "migrat"], "there is no command migrat; did you mean migrate?", "mizzle --help lists what there is"),
        (["status", "now"], "got unexpected extra argument (now)", "mizzle status --help lists what there is"),
        (["-C", "/nowhere", "status"], "Directory '/nowhere' does not exist", "mizzle --help lists what there is"),
        (["--config", "/nowhere.toml", "status"], "no such configuration file: /nowhere.toml", "--config names a"),
        (["--config"], "requires an argument", "mizzle --help lists what there is"),
    ],
)
def test_wrong_use_is_one_error_with_a_hint(arguments: list[str], message: str, hint: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert first.startswith("error: ")
    assert first[7].islower() or first[7] in "-/'"
    assert message in first
    assert second.startswith(f"hint: {hint}")


def test_help_fits_80_columns_and_is_there_for_every_command() -> None:
    pages = [run("--help"), run("-h"), *(run(command, "--help") for command in COMMANDS)]
    for ran in pages:
        assert (ran.code, ran.err) == (0, "")
        assert max(map(len, ran.out.splitlines())) <= 80
        for option in ("-C DIR", "--config", "--url", "--embedded", "--json", "-q", "-v", "--no-color"):
            assert option in ran.out
    assert re.findall(r"^  ([a-z]+)  ", pages[0].out, re.MULTILINE) == list(COMMANDS)
    assert [run("help").out, *(run("help", command).out for command in COMMANDS)] == [
        pages[0].out,
        *(p.out for p in pages[2:]),
    ]
    ran = run()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: mizzle")


def test_a_page_names_commands_options_and_pages_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "services" / "shop").mkdir(parents=True)
    (tmp_path / "queries.sql").touch()
    assert set(PAGES) == set(COMMANDS)
    for page in (MIZZLE, *PAGES.values()):
        for line in "\n".join(page.examples.values()).splitlines():
            monkeypatch.chdir(tmp_path)
            written = line.removeprefix('eval "$(').removesuffix(')"').partition(" > ")[0]
            understood(shlex.split(written)[1:])
        named = [each.removeprefix("mizzle help ") for each in page.see]
        assert all(each in COMMANDS or (ROOT / each).is_file() for each in named)


def understood(words: list[str]) -> None:
    """Have the command line read, as far as to what would run."""
    root = mizzle.make_context("mizzle", words, obj=Settings())
    name = next(word for word in words if word in COMMANDS)
    found = mizzle.get_command(root, name)
    assert found is not None
    found.make_context(name, words[words.index(name) + 1 :], parent=root)


def test_the_version_is_that_of_all_that_matters() -> None:
    assert run("--version").out == f"mizzle {__version__} (Python {platform.python_version()})\n"
    lines = run("--version", "-v").out.splitlines()
    assert f"psycopg            {version('psycopg')}" in lines
    found = run("--version", "--json").json
    assert (found["mizzle"], found["libraries"]["click"]) == (__version__, version("click"))


def test_global_options_go_before_and_after_the_name(shop: Project, database: str, tmp_path: Path) -> None:
    folder, config = str(shop.folder), str(shop.folder / "mizzle.toml")
    expected = run("-C", folder, "--url", database, "--json", "status").json
    assert run("status", "-C", folder, "--json", "--url", database).json == expected
    assert run("--json", "status", "--url", database, "--config", config).json == expected
    assert run("--url", "postgresql://nowhere/", "-C", folder, "status", "--json", "--url", database).json == expected


def test_quiet_prints_results_and_errors_only_and_verbose_says_more(shop: Project, database: str) -> None:
    assert shop.run("-q", "--url", database, "check", code=1).err == ""
    assert shop.run("--url", database, "check", code=1).err == "hint: mizzle migrate\n"
    ran = shop.run("-v", "--url", database, "migrate")
    assert re.search(r"^\d{14}_initial: step 1 of 1 done in \d+\.\d\d s$", ran.err, re.MULTILINE)
    assert re.fullmatch(r"applied  \d{14}_initial  \d+\.\d\d s\n", ran.out)
    ran = shop.run("-q", "status", code=2)
    assert ran.err.startswith("error: no database: DATABASE_URL is not set\nhint: set DATABASE_URL")


def test_piped_output_is_plain_and_a_terminals_is_coloured(shop: Project, database: str) -> None:
    arguments = ("-C", str(shop.folder), "--url", database, "status")
    ran = run(*arguments)
    assert "\x1b" not in ran.out + ran.err
    with Terminal(*arguments) as terminal:
        assert terminal.end() == 1
        assert "\x1b[33mpending\x1b[0m" in terminal.seen
    for plain in ((*arguments, "--no-color"), ("--no-color", *arguments)):
        with Terminal(*plain) as terminal:
            assert terminal.end() == 1
            assert "\x1b" not in terminal.seen
    with Terminal(*arguments, NO_COLOR="1") as terminal:
        assert terminal.end() == 1
        assert "\x1b" not in terminal.seen
    with Terminal(*arguments, NO_COLOR="") as terminal:
        assert terminal.end() == 1
        assert "\x1b" in terminal.seen


def test_a_terminal_sees_what_goes_on_in_one_line_that_is_taken_away(shop: Project) -> None:
    shop.schema(USERS, "CREATE TABLE orders (id integer)")
    with Terminal("-C", str(shop.folder), "generate") as terminal:
        assert terminal.end() == 0
    shown = re.sub(r"\x1b\[\d*m", "", terminal.seen)
    assert "proving the migration, forward and back\r" in shown
    kept = [line.rpartition("\r")[2] for line in shown.replace("\r\n", "\n").split("\n")]
    assert re.fullmatch(r"wrote .*_add_orders", kept[0])
    shop.schema("SELEC 1")
    with Terminal("-C", str(shop.folder), "generate") as terminal:
        assert terminal.end() == 4
    shown = re.sub(r"\x1b\[\d*m", "", terminal.seen).replace("\r\n", "\n")
    assert 'error: schema.sql, line 1: syntax error at or near "SELEC"' in [
        line.rpartition("\r")[2] for line in shown.split("\n")
    ]


def test_a_reader_that_goes_away_is_no_error(shop: Project) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "mizzle", "-C", str(shop.folder), "diff", "empty", "models"]
    for more in ([], ["--json"], ["--json", "--nope"]):
        ran = subprocess.run(
            [*command, *more], stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.PIPE, check=False
        )
        assert (ran.returncode, ran.stderr) == (1, b"")
    os.close(write)


def test_a_result_that_cannot_be_written_is_an_error_and_a_closed_stdout_is_none(shop: Project) -> None:
    command = [sys.executable, "-m", "mizzle", "-C", str(shop.folder), "diff", "empty", "models"]
    for more in ([], ["--json"]):
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run([*command, *more], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
        assert ran.returncode == 2
        assert re.fullmatch(r"error: .*No space left on device\nhint: look at its disk.*\n", ran.stderr)
    closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, check=False, text=True)
    assert (closed.returncode, closed.stderr) == (1, "")


def test_what_the_terminals_encoding_lacks_is_escaped(tmp_path: Path, mizzle: Mizzle) -> None:
    shop = project(tmp_path / "shop", 'CREATE TABLE "Übersicht" (id integer)')
    ran = mizzle("-C", shop.folder, "diff", "empty", "models", env={"PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 1
    assert r'CREATE TABLE public."\xdcbersicht" (' in ran.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:s3cret@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("(postgres://:s3cret@h/d)", "(postgres://:***@h/d)"),
        ("postgresql+psycopg://u:s3/cret?x@y z@h/d", "postgresql+psycopg://u:***@h/d"),
        ("host=h password=s3cret user=u", "host=h password=*** user=u"),
        ("host=h password='s3 cret' user=u", "host=h password=*** user=u"),
        ("postgresql://h/d?user=u&password=s3cret&x=1", "postgresql://h/d?user=u&password=***&x=1"),
        ("export PGPASSWORD=s3cret", "export PGPASSWORD=***"),
        ("CREATE ROLE r LOGIN PASSWORD 's3cret'", "CREATE ROLE r LOGIN PASSWORD ***"),
        ("the user's password isn't right", "the user's password isn't right"),
        ("postgresql://u@h:5432/d", "postgresql://u@h:5432/d"),
        ("see https://example.org/a for more", "see https://example.org/a for more"),
    ],
)
def test_passwords_are_taken_out_of_whatever_is_said(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


def test_a_url_in_a_wrong_place_does_not_print_its_password(shop: Project, tmp_path: Path) -> None:
    url = "postgresql://u:s3cret@127.0.0.1:1/d"
    (tmp_path / "bad.toml").write_text(f"url = ['{url}']")
    for arguments in (
        [url],
        ["status", url],
        ["diff", url, "models"],
        ["diff", url.removeprefix("postgresql"), "models"],
        ["diff", url.replace(":", "", 1), "models"],
        ["diff", url.replace("//", ""), "models"],
        ["--config", url, "status"],
        ["--config", str(tmp_path / "bad.toml"), "status"],
        ["-C", url, "status"],
        ["migrate", "--to", url, "--url", url],
        ["--url", url, "-v", "check"],
        ["--url", url, "-v", "migrate"],
        ["--url", url, "-v", "push"],
        ["--url", url, "-v", "rebase"],
        ["generate", "--rename", url],
        ["init", "--models", url],
    ):
        for more in ([], ["--json"]):
            ran = shop.run(*arguments, *more, code=None)
            assert ran.code in {2, 4}
            assert "s3cret" not in ran.out + ran.err
            assert "error" in ran.err
