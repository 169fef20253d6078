"""`[tool.mizzle]`: found where it counts, read strictly, and each mistake named with what to write instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mizzle.errors import ConfigError, MizzleError, Unsupported
from mizzle.project import config as configs
from mizzle.project import patterns
from mizzle.project.config import Config
from mizzle.project.init import guess, init
from mizzle.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

QUERIES = Path(configs.__file__).parents[1] / "catalog" / "queries"


def settings(folder: Path, text: str) -> Path:
    """Write a mizzle.toml."""
    path = folder / "mizzle.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(action: Callable[[], object]) -> MizzleError:
    """Return the error of an action; it says what to do."""
    with pytest.raises(MizzleError) as caught:
        action()
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def test_every_setting_has_a_default(tmp_path: Path) -> None:
    assert configs.load(settings(tmp_path, "")) == Config(root=tmp_path)
    assert Config(root=tmp_path).migrations_folder == tmp_path / "migrations"


def test_every_setting_is_read(tmp_path: Path) -> None:
    text = """
    models = ["a.b:C", "d:e"]
    sql = "views.sql"
    migrations = "db/migrations"
    dialect = "postgresql"
    postgres = 15
    url = "env:OTHER_URL"
    schemas = ["public", "audit"]
    ignore = ["table:celery_*"]
    scratch = "postgresql://localhost/postgres"
    history = "ledger"
    small = "64 kB"
    production = true
    """
    found = configs.load(settings(tmp_path, text), url="postgresql://flag/")
    assert found == Config(
        root=tmp_path,
        models=("a.b:C", "d:e"),
        sql=("views.sql",),
        migrations="db/migrations",
        postgres=15,
        url="env:OTHER_URL",
        schemas=("public", "audit"),
        ignore=("table:celery_*",),
        scratch="postgresql://localhost/postgres",
        history="ledger",
        small="64 kB",
        production=True,
        flag_url="postgresql://flag/",
    )


@pytest.mark.parametrize(
    ("written", "size"),
    [("0", 0), ("'0'", 0), ("'8kB'", 8192), ("'64 kB'", 65536), ("'2MB'", 1 << 21), ("'1GB'", 1 << 30)],
)
def test_a_size_is_as_postgresql_writes_it(tmp_path: Path, written: str, size: int) -> None:
    assert configs.load(settings(tmp_path, f"small = {written}")).small_bytes == size


def test_the_nearest_file_counts_and_a_pyproject_without_the_section_does_not(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.mizzle]\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert configs.find(inner) == tmp_path / "pyproject.toml"
    settings(tmp_path, "")
    assert configs.find(inner) == tmp_path / "mizzle.toml"
    (inner / "mizzle.toml").write_text("[tool.mizzle]\nmodels = 'a:b'\n")
    assert configs.load(configs.find(inner)).models == ("a:b",)
    assert configs.find(inner, explicit=tmp_path / "pyproject.toml") == tmp_path / "pyproject.toml"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("migratons = 'x'", "unknown setting migratons", "did you mean migrations?"),
        ("zzz = 1", "unknown setting zzz", "it knows models, sql, migrations, dialect"),
        ("flag_url = 'x'", "unknown setting flag_url", "it knows models"),
        ("models = 3", "models is to be a text or a list of texts, not 3", 'such as models = ["..."]'),
        ("models = ['a', 3]", "models is to be a text or a list of texts, not ['a', 3]", 'such as models = ["..."]'),
        ("postgres = '15'", "postgres is to be a whole number, not '15'", "such as postgres = 15"),
        ("postgres = true", "postgres is to be a whole number, not True", "such as postgres = 15"),
        ("postgres = 9", "postgres = 9 is not known", "name a major from 14 to 18"),
        ("production = 'no'", "production is to be true or false, not 'no'", "such as production = true"),
        ("small = '8 megabytes'", "small is to be a size, not '8 megabytes'", 'such as small = "8MB"'),
        ("small = 8", "small is to be a size, not 8", "or 0 for none"),
        ("small = '8'", "small is to be a size, not '8'", "or 0 for none"),
        ("small = true", "small is to be a size, not True", "or 0 for none"),
        ("migrations = 3", "migrations is to be a text in quotes, not 3", 'such as migrations = "..."'),
        ("migrations = ''", "migrations is empty", "give it a value, or take it out: it has a default"),
        ("dialect = 'mysql'", "dialect mysql is not supported", 'the one dialect is "postgresql"'),
        ("schemas = []", "schemas is empty", 'name what this project manages: schemas = ["public"]'),
        (
            "history = 'public'",
            "schema public is to hold the history and to be managed, too",
            "give the history a schema",
        ),
        ("url = 'env:'", "url names no variable", 'such as url = "env:DATABASE_URL"'),
        ("url = 'mysql://h/d'", "url: the database URL is not one of PostgreSQL", "write it as postgresql://"),
        ("url = 'postgresql://[::1/d'", "url: the database URL cannot be read", "write it as postgresql://"),
        ("scratch = 'embeded'", "scratch: this is no database URL", "write it as postgresql://"),
        ("tool = 3\nmodels = 'a'", "unknown setting tool", "it knows models"),
        ("[tool]\nmizzle = 3", "tool.mizzle is no table", "write its settings under a line [tool.mizzle]"),
        ("models = [", "is not TOML", "correct it there"),
    ],
)
def test_a_mistake_is_named_with_what_to_write_instead(tmp_path: Path, text: str, message: str, hint: str) -> None:
    path = settings(tmp_path, text)
    error = refused(lambda: configs.load(path))
    assert isinstance(error, ConfigError)
    assert error.message.startswith(str(path))
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:s3cret@h/d", "postgresql://h/d?password=s3cret", "host=h password=s3cret", "postgres://:s3cret@h"],
)
@pytest.mark.parametrize("name", ["url", "scratch"])
def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path, name: str, url: str) -> None:
    error = refused(lambda: configs.load(settings(tmp_path, f"{name} = '{url}'")))
    assert f"{name} holds a password" in error.message
    assert "env" in error.hint
    assert "s3cret" not in str(error)


def test_schemas_beside_those_of_the_tenants_are_refused(tmp_path: Path) -> None:
    error = refused(lambda: configs.load(settings(tmp_path, 'per_schema = true\nschemas = ["app"]')))
    assert isinstance(error, Unsupported)
    assert error.objects == ("app",)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "mizzle.toml").write_bytes(b"models = '\xff'")
    assert "is not UTF-8 (byte 10)" in refused(lambda: configs.load(tmp_path / "mizzle.toml")).message
    assert "no such configuration file" in refused(lambda: configs.find(tmp_path, explicit=tmp_path / "x.toml")).message
    (tmp_path / "mizzle.toml").unlink()
    assert "no [tool.mizzle] in a pyproject.toml" in refused(lambda: configs.find(tmp_path)).message
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert "has no [tool.mizzle]" in refused(lambda: configs.load(tmp_path / "pyproject.toml")).message


def test_the_url_comes_from_the_flag_the_environment_or_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(root=tmp_path)
    error = refused(config.database_url)
    assert error.message == "no database: DATABASE_URL is not set"
    assert str(tmp_path / ".env") in error.hint
    (tmp_path / ".env").write_text("A=1\nDATABASE_URL: postgresql://file/\n")
    assert refused(config.database_url).message.endswith("is not set, and line 2 of .env cannot be read")
    assert not caplog.records  # of dotenv's
    (tmp_path / ".env").write_text("DATABASE_URL='postgresql://file/'\n")
    assert config.database_url() == "postgresql://file/"
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment/")
    assert config.database_url() == "postgresql://environment/"
    assert Config(root=tmp_path, flag_url="postgresql://flag/").database_url() == "postgresql://flag/"
    assert Config(root=tmp_path, url="postgresql://plain/").database_url() == "postgresql://plain/"
    monkeypatch.delenv("DATABASE_URL")
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=\xff\n")
    assert ".env is not UTF-8" in refused(config.database_url).message


def test_the_scratch_server_is_that_of_the_environment_before_that_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Config(root=tmp_path).scratch_url() is None
    assert Config(root=tmp_path, scratch="postgresql://file/").scratch_url() == "postgresql://file/"
    monkeypatch.setenv("MIZZLE_SCRATCH_URL", "postgresql://environment/")
    assert Config(root=tmp_path, scratch="postgresql://file/").scratch_url() == "postgresql://environment/"


def test_two_databases_at_once_are_refused(tmp_path: Path) -> None:
    settings(tmp_path, "")
    error = refused(lambda: Project.load(tmp_path, url="postgresql://h/d", embedded=True))
    assert error.message == "two databases are given: --url and --embedded"


def test_ignore_names_a_kind_and_a_pattern() -> None:
    assert patterns.patterns(["table:celery_*", "module:app.old", "materialized view:public.x"]) == (
        ("table", "celery_*"),
        ("module", "app.old"),
        ("materialized view", "public.x"),
    )
    assert patterns.modules(["table:a", "module:app.old"]) == ("app.old",)
    assert "has no kind" in refused(lambda: patterns.patterns(["celery_*"])).message
    assert "has no kind" in refused(lambda: patterns.patterns(["table:"])).message
    assert refused(lambda: patterns.patterns(["tables:x"])).hint == "did you mean table?"
    assert refused(lambda: patterns.patterns(["qqq:x"])).hint.startswith("a kind is one of module, schema")


def test_ignore_knows_every_kind_that_a_database_may_hold() -> None:
    named = re.findall(r"(?:THEN|ELSE|SELECT) '([a-z ]+)'", (QUERIES / "unmanaged.sql").read_text())
    assert {"conversion", "operator class", "text search parser"} <= set(named)
    assert set(named) <= set(patterns.KINDS)


def test_init_writes_a_configuration_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop" / "db").mkdir(parents=True)
    (tmp_path / "shop" / "db" / "base.py").write_text("class Base(DeclarativeBase): ...\n")
    written = init(tmp_path)
    assert (written.config, written.models, written.found) == (tmp_path / "mizzle.toml", "shop.db.base:Base", True)
    assert configs.load(written.config) == Config(root=tmp_path, models=("shop.db.base:Base",))
    assert list(written.migrations.iterdir()) == []
    assert "mizzle.toml has the settings already" in refused(lambda: init(tmp_path)).message


@pytest.mark.parametrize("before", ["[project]\nname = 'é'\n", "[project]\nname = 'é'", ""])
def test_init_adds_to_a_pyproject_and_keeps_what_is_in_it(tmp_path: Path, before: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(before)
    path.chmod(0o640)
    written = init(tmp_path, models="a.b:C")
    assert written.config == path
    assert path.read_text().startswith(before)
    assert path.stat().st_mode & 0o777 == 0o640
    assert configs.load(path).models == ("a.b:C",)
    assert "pyproject.toml has the settings already" in refused(lambda: init(tmp_path)).message
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["migrations", "pyproject.toml"]


def test_init_leaves_everything_as_it_was_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[broken\n")
    assert "is not TOML" in refused(lambda: init(tmp_path)).message
    (tmp_path / "pyproject.toml").unlink()
    assert "not a place of models: a.b" in refused(lambda: init(tmp_path, models="a.b")).message
    assert "not a place of models: a b:C" in refused(lambda: init(tmp_path, models="a b:C")).message
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "migrations").write_text("a file")
    assert "migrations is there, and is no folder" in refused(lambda: init(tmp_path)).message
    assert [entry.name for entry in tmp_path.iterdir()] == ["migrations"]


def test_init_looks_for_models_where_a_project_has_them(tmp_path: Path) -> None:
    base = "class Base(DeclarativeBase): ...\n"
    for folder in (".venv/lib", "tests", "node_modules/x", "env/lib", "src/shop"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "models.py").write_text(base)
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "a-script.py").write_text(base)
    (tmp_path / "broken.py").symlink_to("nowhere")
    assert guess(tmp_path) == "shop.models:Base"
    (tmp_path / "src" / "shop" / "models.py").unlink()
    assert guess(tmp_path) == ""
