"""Models and SQL files are read, and what keeps them from being read is named in the user's own terms."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Enum, ForeignKey, Index, Integer, MetaData, Table, Text, event, text

from mizzle.errors import ConfigError, ImportFailed, MizzleError
from mizzle.sources import files, lengths, metadata, models, unimported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODELS = """
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

class Base(DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)

plain = MetaData()
mapped = registry()
number = 3

class Holder:
    inner = plain

def factory():
    print("made")
    return Base

def failing():
    raise RuntimeError("no\\nluck")

def wrong():
    return 3

def leaving():
    raise SystemExit(7)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a package with models, of this test alone: a process imports a name but once."""
    name = "models_" + re.sub(r"\W", "_", request.node.name.lower())
    write(tmp_path, f"{name}/__init__.py", "")
    write(tmp_path, f"{name}/models.py", MODELS)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield name
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


def write(folder: Path, path: str, source: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(textwrap.dedent(source), encoding="utf-8")


def refused(spec: str, root: Path) -> MizzleError:
    with pytest.raises(MizzleError) as caught:
        models.load([spec], root=root)
    assert caught.value.hint
    return caught.value


def test_a_base_a_registry_metadata_and_a_factory_lead_to_metadata(
    package: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs = ["Base", "User", "mapped", "plain", "Holder.inner", "factory", "Base.metadata"]
    found = models.load([f"{package}.models:{spec}" for spec in specs], root=tmp_path)
    assert [list(each.tables) for each in found] == [["users"], [], []]
    assert capsys.readouterr() == ("", "made\n")


def test_the_folder_src_is_looked_into(package: str, tmp_path: Path) -> None:
    write(tmp_path, f"src/{package}_below/models.py", MODELS)
    assert len(models.load([f"{package}_below.models:Base"], root=tmp_path)) == 1


@pytest.mark.parametrize("spec", ["models", "app.models:", ":Base", "a-b:Base", "app models:Base", "a:b c"])
def test_what_is_no_module_and_attribute_is_refused(tmp_path: Path, spec: str) -> None:
    error = refused(spec, tmp_path)
    assert isinstance(error, ConfigError)
    assert (error.message, error.hint) == (f"not a place of models: {spec}", 'write it as "package.module:Base"')


def test_an_attribute_that_is_none_or_no_metadata_is_named(package: str, tmp_path: Path) -> None:
    place = f"{package}.models"
    error = refused(f"{place}:Bass", tmp_path)
    assert isinstance(error, ConfigError)
    assert error.message == f"models {place}:Bass: {place} has no attribute Bass"
    assert error.hint == "its metadata may be Base or mapped or plain"
    assert "has no attribute x" in refused(f"{place}:number.x", tmp_path).message
    error = refused(f"{place}:number", tmp_path)
    assert error.message == f"models {place}:number is no metadata but of type int"
    assert error.hint.startswith("name a declarative base")
    assert "is no metadata but class Holder" in refused(f"{place}:Holder", tmp_path).message
    assert "the factory returns no metadata" in refused(f"{place}:wrong", tmp_path).message


def test_a_factory_that_fails_is_shown_with_its_own_line(package: str, tmp_path: Path) -> None:
    error = refused(f"{package}.models:failing", tmp_path)
    assert isinstance(error, ImportFailed)
    assert error.message.splitlines()[0] == f"models {package}.models:failing: the factory failed: RuntimeError: no"
    assert re.fullmatch(rf"  {package}/models.py:\d+ in failing: raise RuntimeError.*", error.message.splitlines()[1])
    assert "SystemExit: 7" in refused(f"{package}.models:leaving", tmp_path).message


def test_a_module_that_does_not_import_is_shown_by_the_users_own_frames(package: str, tmp_path: Path) -> None:
    write(tmp_path, f"{package}/deep.py", "import json\n\ndef load():\n    return json.loads('{')\n")
    write(tmp_path, f"{package}/broken.py", f"from {package} import deep\n\nvalue = deep.load()\n")
    error = refused(f"{package}.broken:Base", tmp_path)
    assert isinstance(error, ImportFailed)
    first, *frames = error.message.splitlines()
    assert first.startswith(f"models {package}.broken:Base do not import: JSONDecodeError: Expecting property name")
    assert frames == [
        f"  {package}/broken.py:3 in <module>: value = deep.load()",
        f"  {package}/deep.py:4 in load: return json.loads('{{')",
    ]
    write(tmp_path, f"{package}/typo.py", "x = 1\nclass Base(:\n")
    error = refused(f"{package}.typo:Base", tmp_path)
    assert error.message.splitlines()[1:] == [f"  {package}/typo.py:2: class Base(:"]


def test_a_module_that_is_missing_is_told_from_one_that_it_needs(package: str, tmp_path: Path) -> None:
    for spec, missing in (("nowhere_at_all:Base", "nowhere_at_all"), (f"{package}.nope:Base", f"{package}.nope")):
        error = refused(spec, tmp_path)
        assert error.message == f"models {spec}: there is no module {missing}"
        assert str(tmp_path) in error.hint
    write(tmp_path, f"{package}/needs.py", "import nowhere_at_all.part\n")
    error = refused(f"{package}.needs:Base", tmp_path)
    assert "do not import: ModuleNotFoundError: No module named 'nowhere_at_all'" in error.message
    assert f"  {package}/needs.py:1 in <module>: import nowhere_at_all.part" in error.message
    assert error.hint.startswith("install nowhere_at_all beside mizzle, if it is a package")


def test_a_table_that_is_defined_twice_is_named(package: str, tmp_path: Path) -> None:
    users = "class Other(Base):\n    __tablename__ = 'users'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    write(tmp_path, f"{package}/twice.py", f"from {package}.models import *\n{users}")
    error = refused(f"{package}.twice:Base", tmp_path)
    assert "Table 'users' is already defined" in error.message
    one, other = MetaData(), MetaData()
    Table("users", one, Column("id", Integer))
    Table("users", other, Column("id", Integer), schema="public")
    with pytest.raises(ConfigError, match=re.escape("two of the models' metadata define a table public.users")):
        metadata.ddl([one, other], major=18)
    Table("users", one, Column("id", Integer), schema="public")
    with pytest.raises(ConfigError, match=re.escape("two of the models' metadata define a table public.users")):
        metadata.ddl([one], major=18)


def test_a_construct_that_cannot_be_compiled_is_named() -> None:
    tables = MetaData()
    Table("t", tables, Column("a"))
    with pytest.raises(
        ConfigError, match=r"the models cannot be turned into DDL: CompileError: .*column 'a'"
    ) as caught:
        metadata.ddl([tables], major=18)
    assert "correct the model that it names" in caught.value.hint
    tables = MetaData()
    Table("t", tables, Column("a", Integer, ForeignKey("nowhere.id")))
    with pytest.raises(ConfigError, match=r"NoReferencedTableError: .*'nowhere'") as caught:
        metadata.ddl([tables], major=18)
    assert "ForeignKey(...)" in caught.value.hint
    tables = MetaData()
    Table("t", tables, Column("a", Integer))

    @event.listens_for(tables, "before_create")
    def ask(_: object, connection: Any, **__: object) -> None:
        connection.execute(text("SELECT 1")).scalar()

    with pytest.raises(ConfigError, match="cannot be turned into DDL: AttributeError") as caught:
        metadata.ddl([tables], major=18)
    assert "no database is connected" in caught.value.hint


LONG = "n" * 63
TOO_LONG: dict[str, Callable[[MetaData], Table]] = {
    "table": lambda m: Table(LONG + "x", m, Column("id", Integer)),
    "column": lambda m: Table("t", m, Column("é" * 32, Integer)),
    "spaces": lambda m: Table("t", m, Column("a b" * 22, Integer)),
    "index": lambda m: Table("t", m, Column("id", Integer), Index("ï" * 32, "id")),
    "type": lambda m: Table("t", m, Column("id", Enum("a", name="ü" * 32))),
    "schema": lambda m: Table("t", m, Column("id", Integer), schema="s" * 64),
}


@pytest.mark.parametrize("what", TOO_LONG)
def test_a_name_that_postgresql_would_cut_is_refused(what: str) -> None:
    tables = MetaData()
    TOO_LONG[what](tables)
    with pytest.raises(ConfigError, match=r"has 6[46] bytes, and PostgreSQL keeps 63|exceeds maximum length") as caught:
        metadata.ddl([tables], major=18)
    assert "shorter name" in caught.value.hint or "63 bytes" in caught.value.hint


def test_a_name_of_63_bytes_and_a_long_text_are_no_long_names() -> None:
    tables = MetaData()
    Table(
        LONG, tables, Column("é" * 31 + "x", Text, server_default="v" * 200, comment='a "quoted ' + "w" * 90 + '" word')
    )
    assert len(metadata.ddl([tables], major=18)) == 2
    lengths.check(f"SELECT '{LONG}x', $${LONG}x$$ -- {LONG}x", place="here")
    with pytest.raises(ConfigError, match=r'here: the name a"b.* has 64 bytes'):
        lengths.check('SELECT "a""b' + "n" * 61 + '"', place="here")


def test_sql_files_are_read_once_each_and_folders_in_order(tmp_path: Path) -> None:
    for path in ("b.sql", "a/z.sql", "a/b/c.sql", "a/note.txt"):
        write(tmp_path, path, f"-- {path}")
    (tmp_path / "bom.sql").write_bytes(b"\xef\xbb\xbfSELECT 1")
    read = files.read([tmp_path / "b.sql", tmp_path / "a", tmp_path / "bom.sql", tmp_path / "a" / "z.sql"])
    assert [str(each.path.relative_to(tmp_path)) for each in read] == ["b.sql", "a/b/c.sql", "a/z.sql", "bom.sql"]
    assert read[-1].text == "SELECT 1"


def test_sql_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.sql").write_bytes(b"-- caf\xe9")
    write(tmp_path, "long.sql", f"CREATE TABLE public.{LONG}x ()")
    cases = {
        "nope.sql": "no such SQL file: ",
        "empty": "no .sql file in ",
        "latin.sql": "latin.sql is not UTF-8 (byte 6)",
        "long.sql": f"long.sql: the name {LONG}x has 64 bytes",
    }
    for path, message in cases.items():
        with pytest.raises(ConfigError, match=re.escape(message)) as caught:
            files.read([tmp_path / path])
        assert caught.value.hint


def test_modules_that_define_tables_and_are_not_imported_are_named(package: str, tmp_path: Path) -> None:
    write(tmp_path, f"{package}/orders.py", 'class Order(Base):\n    __tablename__: str = "orders"\n')
    write(
        tmp_path,
        f"{package}/deep/core.py",
        'import sqlalchemy as sa\nt = sa.Table("lines", metadata)\nT = Table("x", m)\n',
    )
    write(tmp_path, f"{package}/sqlmodel.py", "class Hero(SQLModel, table=True):\n    pass\n")
    write(
        tmp_path, f"{package}/mixin.py", "class Mixin:\n    @declared_attr\n    def __tablename__(cls): return 'no'\n"
    )
    write(tmp_path, f"{package}/words.py", "TEXT = \"__tablename__ = 3 and Table('x')\"\n")
    write(tmp_path, f"{package}/typo.py", "__tablename__ = (\n")
    (tmp_path / package / "zero.py").write_bytes(b"__tablename__ = '\0'")
    (tmp_path / package / "gone.py").symlink_to("nowhere.py")
    models.load([f"{package}.models:Base"], root=tmp_path)
    found = unimported.find([f"{package}.models"])
    assert [(each.module, each.tables) for each in found] == [
        (f"{package}.deep.core", ("lines", "x")),
        (f"{package}.orders", ("orders",)),
        (f"{package}.sqlmodel", ("hero",)),
    ]
    with pytest.raises(ConfigError, match=rf"not imported by the models: {package}.deep.core \(lines, x\); ") as caught:
        unimported.refuse(found)
    assert f'ignore = ["module:{package}.deep.core"]' in caught.value.hint
    left = unimported.find(
        [f"{package}.models"], ignore=[f"{package}.deep.*", f"{package}.orders", f"{package}.sqlmodel"]
    )
    assert left == ()
    unimported.refuse(left)


def test_sqlalchemy_is_not_imported_for_what_needs_none() -> None:
    modules = "mizzle.project.project, mizzle.sources.models, mizzle.sources.files"
    program = f"import sys, {modules}; print('sqlalchemy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
