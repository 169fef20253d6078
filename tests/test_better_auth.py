"""The real Better Auth on the portal's database, once a migration by `mizzle` has added what it asks for.

The packages come from npm, once, into a cache folder outside the repository. Without Node or npm the tests are skipped
with the reason; in CI they fail.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from portal_catalog import columns
from servers import database_name, tcp_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Mizzle
    from servers import Server

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"
PROGRAM = Path(__file__).parent / "better_auth"
FILES = (".npmrc", "better_auth.mjs", "package-lock.json", "package.json")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mizzle-tests"  # before conftest hides it

# What a developer writes into the models: in class User, in class UserSession, and after all other classes.
USER_COLUMNS = """\
    email_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    image: Mapped[str | None]

"""
SESSION_COLUMNS = """\
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]

"""
TABLES = '''

# Better Auth's own tables: its names are camelCase


Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Made = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.current_timestamp())]


class Account(Base):
    """A way for a user to sign in; the one by password keeps its hash here."""

    __tablename__ = "account"

    account_id: Mapped[str] = mapped_column("accountId")
    provider_id: Mapped[str] = mapped_column("providerId")
    user_id: Mapped[UserId] = mapped_column("userId", index=True)
    access_token: Mapped[str | None] = mapped_column("accessToken")
    refresh_token: Mapped[str | None] = mapped_column("refreshToken")
    id_token: Mapped[str | None] = mapped_column("idToken")
    access_token_expires_at: Mapped[Moment | None] = mapped_column("accessTokenExpiresAt")
    refresh_token_expires_at: Mapped[Moment | None] = mapped_column("refreshTokenExpiresAt")
    scope: Mapped[str | None]
    password: Mapped[str | None]
    created_at: Mapped[Made] = mapped_column("createdAt")
    updated_at: Mapped[Moment] = mapped_column("updatedAt")


class Verification(Base):
    """A token that was sent to a user."""

    __tablename__ = "verification"

    identifier: Mapped[str] = mapped_column(index=True)
    value: Mapped[str]
    expires_at: Mapped[Moment] = mapped_column("expiresAt")
    created_at: Mapped[Made] = mapped_column("createdAt")
    updated_at: Mapped[Made] = mapped_column("updatedAt")
'''


@dataclass(frozen=True, slots=True)
class BetterAuth:
    """The real library in a folder with its packages, run by `node`."""

    node: str
    folder: Path

    def run(self, url: str, *args: str, time_zone: str = "UTC") -> subprocess.CompletedProcess[str]:
        """One command of `better_auth.mjs` on the database at `url`, by a process in this time zone."""
        return subprocess.run(
            [self.node, "better_auth.mjs", *args],
            cwd=self.folder,
            env=os.environ | {"DATABASE_URL": tcp_url(url), "NO_COLOR": "1", "TZ": time_zone},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def answer(self, url: str, *args: str, time_zone: str = "UTC") -> Any:
        """What a command that must succeed prints."""
        process = self.run(url, *args, time_zone=time_zone)
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout)


@pytest.fixture(scope="session")
def better_auth() -> BetterAuth:
    """Better Auth with its packages, installed once for these very files."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        reason = "no Node.js with npm here to run the real Better Auth with"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    digest = hashlib.sha256(b"".join((PROGRAM / name).read_bytes() for name in FILES)).hexdigest()
    folder = CACHE / f"better-auth-{digest[:16]}"
    if not folder.exists():
        install(npm, folder)
    return BetterAuth(node, folder)


def install(npm: str, folder: Path) -> None:
    """Make `folder` whole or not at all: another run may be making it at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        building = Path(name) / folder.name
        building.mkdir()
        for file in FILES:
            shutil.copy(PROGRAM / file, building)
        subprocess.run([npm, "ci"], cwd=building, check=True)
        if not folder.exists():
            building.rename(folder)


@pytest.fixture(scope="module")
def plain_database(pg18: Server, mizzle: Mizzle) -> Iterator[str]:
    """The URL of the portal's database as its committed migrations make it."""
    url = pg18.create()
    succeed(mizzle, PORTAL, url, "migrate")
    yield url
    pg18.drop(url)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch copy of the portal, whose models have what Better Auth asks for."""
    copy = tmp_path_factory.mktemp("better_auth") / "portal"
    shutil.copytree(PORTAL, copy, ignore=shutil.ignore_patterns("__pycache__", ".mizzle"))
    extend(copy / "portal" / "db" / "schema.py")
    return copy


@pytest.fixture(scope="module")
def extended_database(pg18: Server, mizzle: Mizzle, project: Path) -> Iterator[str]:
    """The URL of a portal database that existed before the migration for Better Auth was generated."""
    url = pg18.create()
    succeed(mizzle, project, url, "migrate")
    succeed(mizzle, project, url, "generate", "better_auth")
    succeed(mizzle, project, url, "migrate")
    yield url
    pg18.drop(url)


def succeed(mizzle: Mizzle, project: Path, url: str, *args: str) -> None:
    """Run a command of `mizzle` that must succeed."""
    process = mizzle("-C", project, *args, env={"DATABASE_URL": url})
    assert process.returncode == 0, process.stderr


def extend(schema: Path) -> None:
    """Edit the models as a developer would."""
    text = schema.read_text(encoding="utf-8")
    text = insert_before(text, "    sessions: Mapped[", USER_COLUMNS)
    text = insert_before(text, '    user: Mapped[User] = relationship(back_populates="sessions")', SESSION_COLUMNS)
    text = insert_before(text, "from sqlalchemy.orm import ", "from sqlalchemy import DateTime, func, text\n")
    schema.write_text(text + TABLES, encoding="utf-8")


def insert_before(text: str, anchor: str, lines: str) -> str:
    """`text` with `lines` before the one place that reads `anchor`."""
    assert text.count(anchor) == 1, anchor
    return text.replace(anchor, lines + anchor)


def test_it_asks_for_what_the_documentation_says(better_auth: BetterAuth, plain_database: str) -> None:
    asked = better_auth.answer(plain_database, "asks")
    assert {entry["table"]: sorted(entry["fields"]) for entry in asked["toBeAdded"]} == {
        "users": ["email_verified", "image"],
        "sessions": ["ip_address", "updated_at", "user_agent"],
    }
    assert [entry["table"] for entry in asked["toBeCreated"]] == ["account", "verification"]


def test_without_uuid_keys_its_own_migration_fails_half_done(
    better_auth: BetterAuth, plain_database: str, pg18: Server
) -> None:
    url = pg18.create(template=database_name(plain_database))
    process = better_auth.run(url, "migrate", "false")
    assert process.returncode != 0
    assert 'foreign key constraint "account_userId_fkey" cannot be implemented' in process.stderr
    with psycopg.connect(url) as connection:
        assert "email_verified" in {column.name for column in columns(connection, "users")}


def test_after_the_migration_it_asks_for_nothing_more(better_auth: BetterAuth, extended_database: str) -> None:
    assert better_auth.answer(extended_database, "asks") == {"toBeAdded": [], "toBeCreated": []}


def test_the_migration_makes_the_columns_that_its_own_would(
    better_auth: BetterAuth, plain_database: str, extended_database: str, pg18: Server
) -> None:
    url = pg18.create(template=database_name(plain_database))
    better_auth.answer(url, "migrate", "uuid")
    with psycopg.connect(url) as own, psycopg.connect(extended_database) as ours:
        for table in ("users", "sessions", "account", "verification"):
            assert set(columns(ours, table)) == set(columns(own, table))  # their order does not count


def test_sign_up_and_sign_in_succeed_on_the_tables_of_the_portal(
    better_auth: BetterAuth, extended_database: str
) -> None:
    answer = better_auth.answer(extended_database, "sign-up", "ada@example.com", "correct horse battery staple")
    identifier = uuid.UUID(answer["signedUp"]["user"]["id"])
    assert answer["signedIn"]["user"]["id"] == str(identifier)
    with psycopg.connect(extended_database) as connection:
        user = connection.execute("SELECT email, status, password_hash FROM users WHERE id = %s", [identifier])
        assert user.fetchall() == [("ada@example.com", "pending", None)]
        sessions = connection.execute("SELECT token FROM sessions WHERE user_id = %s", [identifier])
        assert {token for (token,) in sessions} == {answer["signedUp"]["token"], answer["signedIn"]["token"]}
        account = connection.execute('SELECT password IS NOT NULL FROM account WHERE "userId" = %s', [identifier])
        assert account.fetchall() == [(True,)]


def test_ids_come_from_the_server(better_auth: BetterAuth, extended_database: str, pg18: Server) -> None:
    url = pg18.create(template=database_name(extended_database))
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE users ALTER id SET DEFAULT '11111111-2222-4333-8444-555555555555'")
    answer = better_auth.answer(url, "sign-up", "grace@example.com", "correct horse battery staple")
    assert answer["signedUp"]["user"]["id"] == "11111111-2222-4333-8444-555555555555"


def test_a_default_for_updated_at_is_welcome(better_auth: BetterAuth, extended_database: str, pg18: Server) -> None:
    url = pg18.create(template=database_name(extended_database))
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE sessions ALTER updated_at SET DEFAULT now()")
    assert better_auth.answer(url, "asks") == {"toBeAdded": [], "toBeCreated": []}


@pytest.mark.parametrize(("time_zone", "hours"), [("UTC", 0), ("America/Bogota", -5), ("Asia/Tokyo", 9)])
def test_a_process_outside_utc_writes_its_local_time(
    better_auth: BetterAuth, extended_database: str, pg18: Server, time_zone: str, hours: int
) -> None:
    url = pg18.create(template=database_name(extended_database))
    better_auth.answer(url, "sign-up", "mary@example.com", "correct horse battery staple", time_zone=time_zone)
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """
            SELECT round(extract(epoch FROM created_at - now() AT TIME ZONE 'UTC') / 3600)
            FROM users WHERE email = 'mary@example.com'
            """
        )
        assert rows.fetchall() == [(hours,)]


def test_the_database_still_equals_its_migrations(
    mizzle: Mizzle, project: Path, better_auth: BetterAuth, extended_database: str
) -> None:
    better_auth.answer(extended_database, "sign-up", "alan@example.com", "correct horse battery staple")
    succeed(mizzle, project, extended_database, "check", "--url", extended_database)
