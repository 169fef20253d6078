"""What stands around the commands: variables for options and settings, a .env file, and what a shell completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mizzle.errors import ConfigError
from mizzle.project import config
from projects import NAMED, USERS, execute, project, run, two_migrations


def load(folder: Path, *lines: str, env: str = "") -> config.Config:
    """Read a configuration with these lines, and a .env beside it."""
    (folder / "mizzle.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if env:
        (folder / ".env").write_text(env, encoding="utf-8")
    return config.load(folder / "mizzle.toml")


class TestSettings:
    """A variable stands for a setting."""

    def test_the_environment_wins_over_dotenv_and_that_over_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = ('migrations = "file"', 'history = "file"', 'role = "file"', "postgres = 14")
        monkeypatch.setenv("MIZZLE_MIGRATIONS", "environment")
        found = load(tmp_path, *file, env="MIZZLE_MIGRATIONS=dotenv\nMIZZLE_HISTORY=dotenv\n")
        assert (found.migrations, found.history, found.role, found.postgres) == ("environment", "dotenv", "file", 14)

    def test_nothing_waits_for_a_pipe_that_nobody_writes_to(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / ".env")
        assert load(tmp_path).migrations == "migrations"

    def test_lists_numbers_and_truth_are_read_as_such(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        said = {"SCHEMAS": "a, b,", "POSTGRES": "15", "PRODUCTION": "yes", "SMALL": "0", "MODELS": "m:Base", "ROLE": ""}
        for name, text in said.items():
            monkeypatch.setenv(f"MIZZLE_{name}", text)
        found = load(tmp_path, 'schemas = ["c"]')
        assert (found.schemas, found.postgres, found.production) == (("a", "b"), 15, True)
        assert (found.small, found.models, found.role) == ("0", ("m:Base",), "")

    @pytest.mark.parametrize(
        ("name", "text", "message"),
        [
            ("POSTGRES", "new", "MIZZLE_POSTGRES: postgres is to be a whole number, not 'new'"),
            ("PER_SCHEMA", "maybe", "MIZZLE_PER_SCHEMA: per_schema is to be true or false, not 'maybe'"),
            ("POSTGRES", "9", "postgres = 9 is not known"),
        ],
    )
    def test_what_does_not_fit_names_its_variable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
    ) -> None:
        monkeypatch.setenv(f"MIZZLE_{name}", text)
        with pytest.raises(ConfigError, match=message):
            load(tmp_path)

    def test_the_url_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert load(tmp_path, env="MIZZLE_URL=postgresql://dotenv/\n").database_url() == "postgresql://dotenv/"
        monkeypatch.setenv("MIZZLE_URL", "postgresql://environment/")
        assert load(tmp_path).database_url() == "postgresql://environment/"
        assert config.load(tmp_path / "mizzle.toml", url="postgresql://flag/").database_url() == "postgresql://flag/"


class TestOptions:
    """A variable stands for an option, wherever that may stand, and a flag wins."""

    def test_of_each_kind(self, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        made = two_migrations(tmp_path / "p")
        monkeypatch.setenv("MIZZLE_URL", database)
        monkeypatch.setenv("MIZZLE_JSON", "1")
        monkeypatch.setenv("MIZZLE_CONFIG", str(made.folder / "mizzle.toml"))
        assert len(run("migrate").json["applied"]) == 2
        monkeypatch.setenv("MIZZLE_JSON", "maybe")
        assert run("status").says("'maybe' is not a valid boolean")

    def test_a_flag_before_or_behind_the_command_wins(
        self, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = project(tmp_path / "p", USERS)
        made.run("generate")
        monkeypatch.setenv("MIZZLE_URL", "postgresql://nowhere.invalid/")
        made.run("--url", database, "migrate")
        assert made.run("status", "--url", database).says("applied")
        assert made.run("status", code=4).says("nowhere.invalid")

    def test_url_and_embedded_give_way_to_the_other_ones_flag(
        self, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = project(tmp_path / "p", USERS)
        made.run("generate")
        monkeypatch.setenv("MIZZLE_URL", database)
        made.run("--embedded", "migrate")
        assert execute(database, "SELECT to_regclass('users')") == [(None,)]
        monkeypatch.delenv("MIZZLE_URL")
        monkeypatch.setenv("MIZZLE_EMBEDDED", "true")
        made.schema(NAMED)
        made.run("generate")
        made.run("migrate", "--url", database)
        assert execute(database, "SELECT count(name) FROM users") == [(0,)]
        monkeypatch.setenv("MIZZLE_URL", database)
        assert made.run("migrate", code=2).says("two databases are given")


def completed(folder: Path, words: str, shell: str = "bash") -> list[str]:
    """What a shell is told that asks what may come after these words, the last of which is unfinished."""
    before = words.split(" ")
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(before) - 1), "_MIZZLE_COMPLETE": f"{shell}_complete"}
    if shell == "fish":
        asked["COMP_CWORD"] = before[-1]
    ran = subprocess.run(
        [sys.executable, "-m", "mizzle"],
        cwd=folder,
        env={**os.environ, **asked},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


class TestCompletion:
    """A shell is told commands, options and migrations."""

    def test_what_may_come(self, tmp_path: Path) -> None:
        made = two_migrations(tmp_path / "p")
        newest_first = [f"plain,{each}" for each in reversed(made.ids())]
        assert completed(made.folder, "mizzle ge") == ["plain,generate"]
        assert "plain,--lock-timeout" in completed(made.folder, "mizzle migrate --l")
        assert completed(made.folder, "mizzle migrate --to ") == newest_first
        assert completed(tmp_path, f"mizzle -C {made.folder} resolve 2") == newest_first
        assert completed(tmp_path, "mizzle rollback --to ") == [""]
        assert completed(tmp_path, "mizzle completion f") == ["plain,fish"]
        assert completed(tmp_path, "mizzle help stu") == ["plain,studio"]

    def test_zsh_and_fish_are_told_what_a_command_does(self, tmp_path: Path) -> None:
        assert completed(tmp_path, "mizzle stu", "zsh")[:2] == ["plain", "studio"]
        assert completed(tmp_path, "mizzle stu", "fish")[0].startswith("plain,studio")

    def test_no_other_command_is_imported(self, tmp_path: Path) -> None:
        code = "import sys; from mizzle.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
        code += "sys.exit(sorted(name for name in sys.modules if name.startswith(('mizzle.cli.gen', 'psycopg'))) or 0)"
        asked = {"COMP_WORDS": "mizzle ", "COMP_CWORD": "1", "_MIZZLE_COMPLETE": "bash_complete"}
        command = [sys.executable, "-c", code]
        ran = subprocess.run(command, cwd=tmp_path, env={**os.environ, **asked}, capture_output=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"plain,generate" in ran.stdout

    def test_bash_itself(self, tmp_path: Path) -> None:
        script = run("completion", "bash").out
        asks = "COMP_WORDS=(mizzle ch); COMP_CWORD=1; _mizzle_completion mizzle; echo ${COMPREPLY[@]}"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        ran = subprocess.run(
            ["bash", "-c", f"{script}\n{asks}"],
            env={**os.environ, "PATH": path},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (ran.stdout, ran.stderr) == ("check\n", "")

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_of_each_shell(self, shell: str) -> None:
        said = json.loads(run("completion", shell, "--json").out)
        assert said["shell"] == shell
        assert f"_MIZZLE_COMPLETE={shell}_complete" in said["script"]
        assert run("completion", shell).out.strip() == said["script"].strip()

    def test_another_shell_is_refused(self) -> None:
        assert run("completion", "csh").says("'csh' is not one of 'bash', 'zsh', 'fish'")
