"""URLs of every spelling lead to a pinned session; a password is never shown; poolers are told apart."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from mizzle.errors import ConfigError, DatabaseError, MizzleError
from mizzle.planning.session import PINS, pin_sql
from mizzle.runner.connection import connect, redact, session
from mizzle.runner.migrate import migrate
from mizzle.runner.status import status
from mizzle.runner.url import parameters
from runner_units import A, rows
from servers import PASSWORD, Server, database_name, locked_url, tcp_url

_SECRET = "s3cret"
_FULL = {"user": "u", "password": _SECRET, "host": "h", "port": "5433", "dbname": "d"}


class TestUrls:
    """However a URL is written, it is read, and its password not shown."""

    @pytest.mark.parametrize(
        "url",
        [
            f"postgresql://u:{_SECRET}@h:5433/d",
            f"postgres://u:{_SECRET}@h:5433/d",
            f"postgresql+psycopg://u:{_SECRET}@h:5433/d",
            f"postgresql+psycopg2://u:{_SECRET}@h:5433/d",
            f"postgresql+psycopg_async://u:{_SECRET}@h:5433/d?prepare_threshold=0",
            f"postgresql+psycopg2cffi://u:{_SECRET}@h:5433/d",
            f"postgresql+asyncpg://u:{_SECRET}@h:5433/d?prepared_statement_cache_size=0",
            f"postgresql+asyncpg://u:{_SECRET}@h:5433/d?async_fallback=true&command_timeout=60&jit=off&loop=x",
            f"postgresql+asyncpg://u:{_SECRET}@/d?host=h:5433",
            f"postgresql+pg8000://u:{_SECRET}@h:5433/d?tcp_keepalive=true&replication_=x",
            f"  PostgreSQL://u:{_SECRET}@h:5433/d\n",
            f"host=h port=5433 dbname=d user=u password={_SECRET}",
        ],
    )
    def test_every_spelling_means_the_same(self, url: str) -> None:
        assert parameters(url) == _FULL
        assert redact(url) == "postgresql://u@h:5433/d"

    @pytest.mark.parametrize(
        ("value", "mode"),
        [("require", "require"), ("true", "require"), ("false", "disable"), ("verify-full", "verify-full")],
    )
    def test_asyncpgs_ssl_is_libpqs_sslmode(self, value: str, mode: str) -> None:
        assert parameters(f"postgresql+asyncpg://h/d?ssl={value}&application_name=x") == {
            "host": "h",
            "dbname": "d",
            "sslmode": mode,
            "application_name": "x",
        }

    @pytest.mark.parametrize(
        ("url", "found"),
        [
            (
                "postgresql+asyncpg:///?host=/tmp/s&port=7&timeout=5.5",
                {"host": "/tmp/s", "port": "7", "connect_timeout": "5"},
            ),
            ("postgresql+asyncpg://?host=a:1&host=b:2", {"host": "a,b", "port": "1,2"}),
            ("postgresql+psycopg://?host=a,b&port=1,2", {"host": "a,b", "port": "1,2"}),
            ("postgresql+psycopg2://?host=a&host=b", {"host": "a,b"}),
            ("postgresql+psycopg://a?options=-csearch_path=s", {"host": "a", "options": "-csearch_path=s"}),
            ("postgresql+pg8000://?unix_sock=/tmp/s/.s.PGSQL.7", {"host": "/tmp/s", "port": "7"}),
            (
                "postgresql+pg8000://a?ssl_context=True&application_name=x",
                {"host": "a", "sslmode": "require", "application_name": "x"},
            ),
            (
                "postgres://a?sslmode=verify-full&sslrootcert=/c",
                {"host": "a", "sslmode": "verify-full", "sslrootcert": "/c"},
            ),
            ("postgresql:///?host=%2Ftmp%2Fa%20b", {"host": "/tmp/a b"}),
        ],
    )
    def test_what_drivers_call_otherwise_is_understood(self, url: str, found: dict[str, str]) -> None:
        assert parameters(url) == found

    def test_sqlalchemys_own_urls_lead_to_the_same_place(self, database: str) -> None:
        for driver in ("psycopg", "psycopg2", "asyncpg", "pg8000"):
            url = make_url(database).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)
            with closing(connect(url)) as connection:
                assert connection.info.dbname == database_name(database)

    @pytest.mark.parametrize("written", ["p@ss:w%rd", "p%40ss%3Aw%25rd", "p@ss%3Aw%rd"])
    def test_a_password_may_be_escaped_or_not(self, written: str) -> None:
        assert parameters(f"postgresql://u:{written}@h/d")["password"] == "p@ss:w%rd"

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("postgresql:///d?host=/tmp&port=7", "postgresql:///d?host=/tmp&port=7"),
            ("postgresql://u@%2Ftmp/d", "postgresql://u@/d?host=/tmp"),
            ("postgresql://u:x@[::1]:5432/a%20b", "postgresql://u@[::1]:5432/a%20b"),
            ("postgresql://a:1,b:2/d", "postgresql://a:1,b:2/d"),
            (f"postgresql://h/d?user=u&password={_SECRET}&sslpassword={_SECRET}", "postgresql://u@h/d"),
            (f"postgresql://u:{_SECRET}/{_SECRET}@h/d", "(a database URL that cannot be read)"),
            (f"nonsense {_SECRET}", "(a database URL that cannot be read)"),
        ],
    )
    def test_what_is_printed_holds_no_password(self, url: str, shown: str) -> None:
        assert redact(url) == shown

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("", "is empty"),
            (_SECRET, "no database URL"),
            (f"mysql://u:{_SECRET}@h/d", "not one of PostgreSQL"),
            (f"postgresql://u:{_SECRET}@h:port/d", "port in the database URL is not a number"),
            (f"postgresql://u:{_SECRET}/x@h/d", "behind its first /"),
            (f"postgresql://u:{_SECRET}?{_SECRET}", "cannot be read"),
            (f"postgresql://u:x@h/d?{_SECRET}=1", "cannot be read"),
            (f"postgresql+psycopg2://u:x@h/d?{_SECRET}=1", "cannot be read"),
            (f"host=h password=a {_SECRET}", "cannot be read"),
            (f"postgresql://u:{_SECRET}\0@h/d", "zero byte"),
        ],
    )
    def test_a_url_that_cannot_be_read_is_not_shown(self, url: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message) as refused:
            connect(url)
        assert _SECRET not in str(refused.value)
        assert refused.value.hint
        assert refused.value.__cause__ is None


class TestConnecting:
    """A session is pinned, or it is said why there is none."""

    def test_the_session_is_pinned_whatever_the_database_says(self, hostile_database: str) -> None:
        with closing(connect(hostile_database)) as connection:
            found = {name: _setting(connection, name) for name, _ in PINS}
            limits = [_setting(connection, f"{name}_timeout") for name in ("statement", "lock", "idle_session")]
            assert _setting(connection, "application_name") == "mizzle"
        assert found == dict(PINS)
        assert limits == ["0"] * 3

    def test_search_path_may_be_one_schema_of_any_name(self, database: str) -> None:
        with closing(connect(database)) as connection:
            connection.execute('CREATE SCHEMA "ten""ant, public"')
            connection.execute(pin_sql('ten"ant, public').encode())
            assert connection.execute("SELECT current_schemas(false)").fetchone() == (['ten"ant, public'],)

    def test_a_given_connection_comes_back_as_it_was(self, hostile_database: str) -> None:
        with psycopg.connect(hostile_database) as given:
            before = _setting(given, "TimeZone")
            given.rollback()
            with session(given) as pinned:
                assert _setting(pinned, "TimeZone") == "UTC"
            assert _setting(given, "TimeZone") == before
            assert given.prepare_threshold == 5

    def test_the_urls_application_name_counts(self, database: str) -> None:
        with closing(connect(f"{database}&application_name=deploy")) as connection:
            assert _setting(connection, "application_name") == "deploy"

    def test_a_password_with_every_character_works(self, database: str) -> None:
        url = locked_url(database).replace("postgresql://", "postgresql+asyncpg://") + "?ssl=prefer"
        with closing(connect(url)) as connection:
            assert connection.info.user == "locked"

    @pytest.mark.parametrize(
        ("change", "message", "hint"),
        [
            ({"password": _SECRET}, "password authentication failed", "check role and password"),
            ({"password": ""}, "no password supplied", "put the password into the URL"),
            ({"dbname": "nowhere"}, 'database "nowhere" does not exist', "create it"),
            ({"port": "1"}, "refused", "is PostgreSQL running there"),
            ({"host": "/nowhere"}, "no such file", "is PostgreSQL running there"),
            ({"host": "/nowhere/.mizzle/socket"}, "no such file", "that of `mizzle dev`"),
            ({"host": "nowhere.invalid"}, "nowhere.invalid", "check the host's name"),
            ({"sslmode": "require"}, "SSL", "sslmode"),
            ({"sslmode": _SECRET}, "sslmode", "sslmode"),
        ],
    )
    def test_why_there_is_no_connection_is_said(
        self, database: str, change: dict[str, str], message: str, hint: str
    ) -> None:
        found = {**parameters(locked_url(database)), "connect_timeout": "5", **change}
        with pytest.raises(DatabaseError, match=message) as refused:
            connect(make_conninfo("", **found))
        assert refused.value.message.startswith("cannot connect to postgresql://locked@")
        assert hint in refused.value.hint
        for secret in (PASSWORD, found.get("password") or PASSWORD):
            assert secret not in str(refused.value)
        assert refused.value.__cause__ is None

    def test_a_role_that_does_not_exist_is_named(self, database: str) -> None:
        with pytest.raises(DatabaseError, match='role "nobody" does not exist') as refused:
            connect(tcp_url(database, user="nobody"))
        assert refused.value.sqlstate == "28000"

    def test_every_host_that_was_tried_is_no_reason_for_a_traceback(self) -> None:
        with pytest.raises(MizzleError, match=r"cannot connect to postgresql://u@127.0.0.1:1,127.0.0.1:2/d"):
            connect("postgresql://u@127.0.0.1:1,127.0.0.1:2/d")


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture(params=["session", "transaction", "statement"])
def pooled(request: pytest.FixtureRequest, pg18: Server, database: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The mode of a PgBouncer and the URL of a fresh database through it."""
    program = shutil.which("pgbouncer")
    if program is None:
        reason = "no PgBouncer here: install Debian's pgbouncer"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    configuration = tmp_path / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n* = host={pg18.folder} port={pg18.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {request.param}\n"
    )
    tmp_path.chmod(0o755)
    prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--"] if os.geteuid() == 0 else []
    bouncer = subprocess.Popen([*prefix, program, "-q", str(configuration)], stderr=subprocess.DEVNULL)
    url = f"postgresql://app@127.0.0.1:{port}/{database_name(database)}"
    _listening(port)
    yield request.param, url
    bouncer.terminate()
    bouncer.wait()


def _listening(port: int) -> None:
    for _ in range(500):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    pytest.fail("PgBouncer does not listen")


class TestPoolers:
    """Where a session is shared, nothing is done to it."""

    def test_a_pooler_that_keeps_no_session_is_refused(self, pooled: tuple[str, str], database: str) -> None:
        mode, url = pooled
        if mode == "session":
            migrate(url, [A])
            assert [found.state for found in status(url, [A])] == ["applied"]
            return
        for use in (migrate, status):
            with pytest.raises(DatabaseError, match="leads to a pooler in transaction mode") as refused:
                use(url, [A])
            assert "a pooler in session mode" in refused.value.hint
        assert rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'mizzle'") == []
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
            assert _setting(other, "search_path") == '"$user", public'
