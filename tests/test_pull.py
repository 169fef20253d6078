"""pull: a database as typed models and SQL, which read back equal, read well, and are not written over others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from mizzle.project.config import Config
from mizzle.project.project import Project
from mizzle.project.pull import pulled
from mizzle.sources.dumps import plain
from projects import execute, run
from pulling import configure, expect_clean, expect_equal, pull
from random_schemas import RandomSchema, schemas
from roles import with_roles
from schemas import EVERYTHING, MORE
from shared_pairs import load_or_skip, pairs

if TYPE_CHECKING:
    from conftest import Mizzle
    from mizzle.catalog.catalog import Catalog
    from mizzle.prove import Scratch
    from servers import Server

KINDS = (Path(__file__).parent / "pulls" / "kinds.sql").read_text(encoding="utf-8")
DUMPS = Path(__file__).parents[2] / "shared" / "dumps"
FUZZ = "MIZZLE_TEST_FUZZ" in os.environ
SMALL = {"chinook", "northwind", "pagila", "supabase_storage"}
"""Those that are pulled each time; the others with MIZZLE_TEST_FUZZ."""

SHOP = """
CREATE TYPE state AS ENUM ('open', 'paid', 'sent back');
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text,
  created timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE,
  state state NOT NULL DEFAULT 'open',
  total numeric(10, 2) NOT NULL CHECK (total >= 0)
);
CREATE INDEX ON orders (customer_id);
COMMENT ON TABLE orders IS 'what they want';
CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE state = 'open';
"""

MODELS = '''
class State(enum.Enum):
    OPEN = "open"
    PAID = "paid"
    SENT_BACK = "sent back"


state_type = sa.Enum(State, name="state", values_callable=labels)


class Base(DeclarativeBase):
    """What all models have in common."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: sa.Text,
        datetime.datetime: sa.DateTime(timezone=True),
        State: state_type,
    }


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    created: Mapped[datetime.datetime] = mapped_column(server_default=sa.func.now())

    orders: Mapped[list[Order]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (sa.CheckConstraint("total >= (0)::numeric"), {"comment": "what they want"})

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("customers.id", ondelete="CASCADE"),
        index=True,
    )
    state: Mapped[State] = mapped_column(server_default="open")
    total: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2))

    customer: Mapped[Customer] = relationship(back_populates="orders")
'''

USED = """
import sqlalchemy as sa
from sqlalchemy.orm import Session
from db.models import BillingPerson, Mood, Person, Tag
with Session(sa.create_engine({url!r})) as session:
    ann = Person(name="Ann", email="a@b", r=1.0, mood=Mood.SO_SO, moods=[Mood.PLUS, Mood.EMPTY], tags=[Tag(name="x")])
    bob = Person(name="Bob", email="b@b", r=2.0, manager=ann, bs=[ann])
    session.add_all([ann, bob, BillingPerson(id=1, children=[BillingPerson(id=2)])])
    session.commit()
with Session(sa.create_engine({url!r})) as session:
    ann = session.scalars(sa.select(Person).filter_by(name="Ann")).one()
    assert ann.mood is Mood.SO_SO and ann.moods == [Mood.PLUS, Mood.EMPTY] and ann.text == "a:b :c"
    assert [each.name for each in (*ann.tags, *ann.people, *ann.as_)] == ["x", "Bob", "Bob"]
    assert session.get(BillingPerson, 2).parent.id == 1
"""


def test_the_models_read_as_if_written_by_hand(database: str, tmp_path: Path, mizzle: Mizzle) -> None:
    execute(database, SHOP)
    told = pull(tmp_path, database)
    assert told["files"] == ["db/models.py", "db/after.sql"]
    assert (tmp_path / "db/models.py").read_text(encoding="utf-8").partition("kind]\n\n")[2] == MODELS
    after = (tmp_path / "db/after.sql").read_text(encoding="utf-8")
    assert after.startswith("-- What the models cannot say.\n\nCREATE VIEW public.open_orders AS\n")
    configure(tmp_path, told)
    expect_equal(tmp_path, database, mizzle)
    expect_clean(tmp_path)


def test_every_kind_of_thing_reads_back_equal(any_server: Server, tmp_path: Path, mizzle: Mizzle) -> None:
    url = any_server.create()
    execute(url, KINDS)
    told = pull(tmp_path, url)
    assert told["equal"] is True
    assert told["in_sql"] == [
        "column public.special_notes.extra",
        "constraint public.import.import_dotted_fkey",
        "constraint public.looks.looks_of_fkey",
        "constraint public.people.people_lower_2nd_excl",
        "constraint public.tags.later",
        "index public.people_named",
        "table public.events_2025",
        "table public.special_notes",
    ]
    configure(tmp_path, told)
    expect_equal(tmp_path, url, mizzle)
    expect_clean(tmp_path)
    used = subprocess.run(
        [sys.executable, "-c", USED.format(url=f"postgresql+psycopg://{url.partition('://')[2]}")],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert used.returncode == 0, used.stderr


def test_what_was_pulled_becomes_a_first_migration_that_the_database_has(
    database: str, tmp_path: Path, mizzle: Mizzle
) -> None:
    execute(database, KINDS.partition("-- an index over a row")[0])
    configure(tmp_path, pull(tmp_path, database))
    for command in (("generate",), ("--url", database, "baseline"), ("--url", database, "check")):
        ran = mizzle(*command, cwd=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            (
                "CREATE TABLE a (id integer CONSTRAINT pk_a PRIMARY KEY, n text CONSTRAINT uq_a_n UNIQUE)",
                "CREATE TABLE b (a_id integer CONSTRAINT fk_b_a_id_a REFERENCES a)",
                "ALTER TABLE b ADD CONSTRAINT ck_b_less CHECK (a_id < 9)",
                "CREATE INDEX ix_b_a_id ON b (a_id)",
            ),
            (
                '"pk": "pk_%(table_name)s"',
                '"fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"',
                '"uq": "uq_%(table_name)s_%(column_0_name)s"',
                '"ck": "ck_%(table_name)s_%(constraint_name)s"',
                '"ix": "ix_%(column_0_label)s"',
                'sa.CheckConstraint("a_id < 9", name="less")',
                'sa.ForeignKey("a.id"), index=True)',
            ),
        ),
        (
            (
                "CREATE TABLE a (id integer CONSTRAINT a_pk PRIMARY KEY, n text CONSTRAINT a_n_unique UNIQUE)",
                "CREATE TABLE b (a_id integer CONSTRAINT b_a_id_a_id_fk REFERENCES a, CONSTRAINT own CHECK (a_id < 9))",
            ),
            (
                '"pk": "%(table_name)s_pk"',
                'sa.ForeignKey("a.id", name="b_a_id_a_id_fk")',
                '"uq": "%(table_name)s_%(column_0_N_name)s_unique"',
                'sa.CheckConstraint("a_id < 9", name="own")',
            ),
        ),
        (
            (
                "CREATE TABLE a (id integer CONSTRAINT one PRIMARY KEY, n text CONSTRAINT two UNIQUE)",
                "CREATE TABLE b (a_id integer CONSTRAINT three REFERENCES a)",
                "CREATE INDEX four ON b (a_id)",
            ),
            (
                'sa.PrimaryKeyConstraint("id", name="one")',
                'sa.UniqueConstraint("n", name="two")',
                'sa.ForeignKey("a.id", name="three")',
                'sa.Index("four", "a_id")',
            ),
        ),
        (
            (
                "CREATE TABLE a (id integer CONSTRAINT ck_a_id CHECK (id > 0), CONSTRAINT odd CHECK (id < 9))",
                "CREATE TABLE b (id integer CONSTRAINT ck_b_id CHECK (id > 0))",
            ),
            ('name="id")', 'name=sa.schema.conv("odd")'),
        ),
    ],
    ids=["sqlalchemy", "drizzle", "none", "a check that follows none"],
)
def test_a_naming_convention_is_recognised(tmp_path: Path, statements: tuple[str, ...], said: tuple[str, ...]) -> None:
    (tmp_path / "schema.sql").write_text(";\n".join(statements), encoding="utf-8")
    pull(tmp_path, "schema.sql")
    text = (tmp_path / "db/models.py").read_text(encoding="utf-8")
    assert [each for each in said if each not in text] == [], text


def test_what_models_need_comes_before_them(database: str, tmp_path: Path, mizzle: Mizzle) -> None:
    execute(
        database,
        """
        CREATE FUNCTION code() RETURNS text LANGUAGE sql AS 'SELECT ''c''';
        CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
        CREATE TABLE t (id integer PRIMARY KEY, code text DEFAULT code(), email email);
        """,
    )
    told = pull(tmp_path, database)
    assert told["files"] == ["db/models.py", "db/before.sql"]
    assert told["settings"] == {"models": ["db/before.sql", "db.models:Base"]}
    configure(tmp_path, told)
    expect_equal(tmp_path, database, mizzle)


def test_a_type_may_be_all_that_a_schema_has(database: str, tmp_path: Path, mizzle: Mizzle) -> None:
    execute(database, "CREATE SCHEMA own; CREATE TYPE own.mood AS ENUM ('a'); CREATE TABLE t (m own.mood)")
    told = pull(tmp_path, database)
    assert (told["tables"], told["in_sql"]) == (1, [])
    configure(tmp_path, told)
    expect_equal(tmp_path, database, mizzle)


def test_a_table_that_is_refused_is_left_to_sql(tmp_path: Path, mizzle: Mizzle) -> None:
    """PostgreSQL looks into the function of a generated column, and finds no table that comes after it."""
    (tmp_path / "schema.sql").write_text(
        """
        CREATE TABLE rates (id integer PRIMARY KEY, rate integer);
        CREATE FUNCTION rate() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT max(rate) FROM public.rates';
        CREATE TABLE prices (id integer PRIMARY KEY, price integer GENERATED ALWAYS AS (id * rate()) STORED);
        CREATE TABLE bills (id integer PRIMARY KEY, price_id integer REFERENCES prices);
        """,
        encoding="utf-8",
    )
    told = pull(tmp_path, "schema.sql")
    assert told["classes"] == 2
    assert told["in_sql"] == [
        "column public.prices.id",
        "column public.prices.price",
        "constraint public.bills.bills_price_id_fkey",
        "constraint public.prices.prices_pkey",
        "table public.prices",
    ]
    configure(tmp_path, told)
    expect_equal(tmp_path, "schema.sql", mizzle)


def test_nothing_is_written_over_what_is_there(database: str, tmp_path: Path) -> None:
    execute(database, SHOP)
    (tmp_path / "db").mkdir()
    (tmp_path / "db/models.py").write_text("mine", encoding="utf-8")
    refused = run("-C", str(tmp_path), "pull", database)
    assert refused.code == 2
    assert refused.says("db/models.py is there already", "hint: name another folder with --out, or --force to replace")
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["models.py"]
    assert (tmp_path / "db/models.py").read_text(encoding="utf-8") == "mine"
    assert run("-C", str(tmp_path), "pull", database, "--force").code == 0
    assert (tmp_path / "db/models.py").read_text(encoding="utf-8") != "mine"


def test_what_an_earlier_pull_has_written_is_replaced_whole(database: str, tmp_path: Path) -> None:
    execute(database, SHOP)
    pull(tmp_path, database)
    execute(database, "DROP VIEW open_orders")
    assert pull(tmp_path, database, "--force")["files"] == ["db/models.py"]
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["models.py"]


def test_it_says_what_it_wrote_and_the_settings_to_use_it(database: str, tmp_path: Path) -> None:
    execute(database, SHOP)
    ran = run("-C", str(tmp_path), "--url", database, "pull", "--out", "src/shop/db")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "wrote  src/shop/db/models.py: 2 classes",
        "wrote  src/shop/db/after.sql",
        "",
        "in mizzle.toml:",
        '    models = "shop.db.models:Base"',
        '    sql = "src/shop/db/after.sql"',
    ]
    assert ran.says("read back: equal")


def test_a_folder_that_is_no_package_is_refused(database: str, tmp_path: Path) -> None:
    execute(database, SHOP)
    refused = run("-C", str(tmp_path), "pull", database, "--out", "my-db")
    assert refused.code == 2
    assert refused.says("my-db is no name of a package", "hint: name another folder with --out")
    assert not (tmp_path / "my-db").exists()


def test_only_the_schemas_of_the_project_are_pulled(database: str, tmp_path: Path) -> None:
    execute(database, "CREATE SCHEMA other; CREATE TABLE other.theirs (id integer); CREATE TABLE ours (id integer)")
    (tmp_path / "mizzle.toml").write_text('schemas = ["public"]\n', encoding="utf-8")
    assert pull(tmp_path, database)["tables"] == 1
    assert "theirs" not in (tmp_path / "db/models.py").read_text(encoding="utf-8")


def test_what_lies_in_another_schema_and_is_needed_is_named(database: str, tmp_path: Path) -> None:
    execute(database, "CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a'); CREATE TABLE ours (m other.mood)")
    (tmp_path / "mizzle.toml").write_text('schemas = ["public"]\n', encoding="utf-8")
    refused = run("-C", str(tmp_path), "pull", database)
    assert refused.code == 4
    assert refused.says('schema "other" does not exist', "hint: add its schema to the setting `schemas`")
    assert not (tmp_path / "db").exists()


def test_what_nobody_can_write_is_listed_and_it_exits_1(database: str, tmp_path: Path) -> None:
    execute(database, "CREATE TABLE t (id integer PRIMARY KEY); CREATE OPERATOR FAMILY odd USING btree")
    told = pull(tmp_path, database, code=1)
    assert (told["equal"], told["unmanaged"]) == (False, ["operator family public.odd"])


def test_grants_are_pulled_where_they_are_asked_for(pg18: Server, database: str, tmp_path: Path) -> None:
    execute(database, "CREATE TABLE t (id integer PRIMARY KEY); GRANT SELECT ON t TO public")
    assert pull(tmp_path, database, "--manage", "grants")["files"] == ["db/models.py", "db/after.sql"]
    assert "GRANT SELECT ON TABLE public.t TO PUBLIC" in (tmp_path / "db/after.sql").read_text(encoding="utf-8")


@settings(
    max_examples=300 if FUZZ else 8,
    derandomize=not FUZZ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schema=schemas())
def test_any_schema_reads_back_equal_and_no_table_is_refused(
    schema: RandomSchema, scratch: Scratch, tmp_path: Path
) -> None:
    expect_whole(scratch, scratch.load(schema.sql()), tmp_path)


@pytest.mark.parametrize("sql", [EVERYTHING, MORE], ids=["everything", "more"])
def test_hostile_names_read_back_equal(sql: str, pg18: Server, scratch: Scratch, tmp_path: Path) -> None:
    expect_whole(scratch, with_roles(pg18, lambda: scratch.load(sql)), tmp_path)


@pytest.mark.parametrize(("old", "new"), pairs(one_of=150))
def test_the_schemas_of_others_read_back_equal(
    old: str, new: str, pg18: Server, scratch: Scratch, tmp_path: Path
) -> None:
    load_or_skip(pg18, new)
    expect_whole(scratch, with_roles(pg18, lambda: scratch.load(new)), tmp_path)


def expect_whole(scratch: Scratch, catalog: Catalog, root: Path) -> None:
    """Pull a catalog: it reads back equal, and nothing that was tried as a model was refused."""
    notes: list[str] = []
    found = pulled(Project(Config(root=root, schemas=()), note=notes.append), scratch, catalog)
    assert (found.different, notes) == ((), [])


@pytest.mark.skipif(not DUMPS.is_dir(), reason="the dumps are not here")
@pytest.mark.parametrize("dump", sorted(DUMPS.glob("*.sql")), ids=lambda path: path.stem)
def test_the_schema_of_an_application_reads_back_equal(
    dump: Path, pg18: Server, database: str, tmp_path: Path, mizzle: Mizzle
) -> None:
    if dump.stem not in SMALL and not FUZZ:
        pytest.skip("make fuzz")
    text = plain(dump.read_text(encoding="utf-8"), place=dump.name)[0]

    def load() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(text.encode())

    with_roles(pg18, load)
    told = pull(tmp_path, database)
    assert (told["equal"], told["unmanaged"], told["different"]) == (True, [], [])
    configure(tmp_path, told)
    expect_equal(tmp_path, database, mizzle)
    expect_clean(tmp_path)
