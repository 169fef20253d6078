"""The pytest plugin: what `pip install mizzle` adds to pytest (docs/testing.md).

pytest imports this module in every project that has Mizzle installed: what it needs is imported where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from mizzle.project.project import Project
    from mizzle.testing.databases import Databases

_OURS = pytest.StashKey[str]()
"""The URL of the embedded server, where one was started."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --mizzle and the settings."""
    group = parser.getgroup("mizzle")
    group.addoption("--mizzle", action="store_true", help="test the migrations, too: one head, replayed, up and down")
    parser.addini("mizzle_url", "the PostgreSQL where databases for tests are made; MIZZLE_TEST_URL wins over it")
    parser.addini("mizzle_config", "the pyproject.toml or mizzle.toml of the project, from pytest's root folder")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the standing tests, before anything is deselected."""
    if config.getoption("--mizzle"):
        from mizzle.testing import standing  # noqa: PLC0415 - as the docstring of the module says

        items += standing.items(session)


@pytest.fixture(scope="session")
def mizzle_project(pytestconfig: pytest.Config) -> Project:
    """The project whose migrations make the databases: the nearest configuration to pytest's root folder."""
    with _plainly():
        return project(pytestconfig)


@pytest.fixture(scope="session")
def mizzle_url(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The URL of a server where databases may be made and dropped; override it to give another.

    MIZZLE_TEST_URL, or the setting `mizzle_url`, or else an embedded PostgreSQL that lives as long as the tests.
    """
    url = os.environ.get("MIZZLE_TEST_URL") or pytestconfig.getini("mizzle_url")
    if url:
        yield str(url)
        return
    from mizzle.testing import shared  # noqa: PLC0415 - as the docstring of the module says

    with ExitStack() as stack:
        with _plainly():
            workers = hasattr(pytestconfig, "workerinput")  # with xdist this is one of several processes
            place = tmp_path_factory.getbasetemp().parent if workers else None
            ours = stack.enter_context(shared.server(place))
        pytestconfig.stash[_OURS] = ours
        yield ours


@pytest.fixture(scope="session")
def mizzle_tenants() -> tuple[str, ...]:
    """The schemas that are made, of a project with one schema per tenant; override it to give others."""
    return ("tenant",)


@pytest.fixture(scope="session")
def mizzle_seed() -> str:
    """SQL that is run once, behind the migrations: rows that every test finds; override it to give some."""
    return ""


@pytest.fixture(scope="session")
def mizzle_databases(
    pytestconfig: pytest.Config,
    mizzle_project: Project,
    mizzle_url: str,
    mizzle_tenants: tuple[str, ...],
    mizzle_seed: str,
) -> Generator[Databases]:
    """What makes the databases, for a fixture of your own: `with mizzle_databases.fresh() as url:`."""
    from mizzle.testing.databases import Databases, Recipe  # noqa: PLC0415 - as the docstring of the module says

    with ExitStack() as stack:
        with _plainly():
            recipe = Recipe.of(mizzle_project, tenants=mizzle_tenants, seed=mizzle_seed)
            ours = pytestconfig.stash.get(_OURS, "") == mizzle_url
            found = stack.enter_context(Databases(mizzle_url, recipe, roles=ours))
        yield found


@pytest.fixture
def mizzle_database(mizzle_databases: Databases) -> Generator[str]:
    """The URL of a database of the test's own, with all migrations applied; it is dropped afterwards."""
    with ExitStack() as stack:
        with _plainly():
            url = stack.enter_context(mizzle_databases.fresh())
        yield url


@pytest.fixture
def mizzle_engine(mizzle_database: str) -> Generator[Engine]:
    """A SQLAlchemy engine on the test's own database, by psycopg."""
    engine = _engines().engine(mizzle_database)
    yield engine
    engine.dispose()


@pytest.fixture
def mizzle_async_engine(mizzle_database: str) -> AsyncEngine:
    """An asynchronous SQLAlchemy engine on the test's own database: by asyncpg where that is installed, or psycopg."""
    engines = _engines()
    with _imported("pip install 'sqlalchemy[asyncio]'"):
        return engines.async_engine(mizzle_database)


def _engines() -> ModuleType:
    with _imported("pip install sqlalchemy; mizzle_database needs none"):
        from mizzle.testing import engines  # noqa: PLC0415 - not every project has SQLAlchemy
    return engines


@contextmanager
def _imported(hint: str) -> Generator[None]:
    """Let the test fail in a few words where something is not installed."""
    try:
        yield
    except ImportError as error:
        raise pytest.fail.Exception(f"mizzle: {error}\nhint: {hint}", pytrace=False) from None


def project(config: pytest.Config) -> Project:
    """Return the project of a test run. Raises ConfigError where there is none."""
    from mizzle.project.project import Project  # noqa: PLC0415 - as the docstring of the module says

    named = config.getini("mizzle_config")
    return Project.load(config.rootpath, config=config.rootpath / Path(str(named)) if named else None)


@contextmanager
def _plainly() -> Generator[None]:
    """Tell what went wrong without a traceback: it is not the test's fault."""
    from mizzle.errors import MizzleError  # noqa: PLC0415 - as the docstring of the module says

    try:
        yield
    except MizzleError as error:
        raise pytest.fail.Exception(f"mizzle: {error}", pytrace=False) from None
