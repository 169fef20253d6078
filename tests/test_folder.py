"""The migrations folder: whatever is wrong is named, what is written is whole, and a fork is mended."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mizzle.errors import ConfigError, HistoryError
from mizzle.migrations import folder, graph, ids, snapshot, write
from mizzle.migrations.problems import FolderError
from mizzle.migrations.write import Draft

A, B, C, D = "20260101000000_a", "20260102000000_b", "20260103000000_c", "20260104000000_d"
NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
FORMAT = Path(__file__).parent.parent / "docs" / "format.md"


def draft(migration: str, parent: str | None, *, up: str = "SELECT 1;\n", down: str = "SELECT 2;\n") -> Draft:
    return Draft(migration, parent, up, down, "key", ("table public.b", "table public.a"), b'{"tables":[]}')


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A folder with the line A, B, C, and files that are no migrations."""
    path = tmp_path / "migrations"
    for migration, parent in ((A, None), (B, A), (C, B)):
        write.write(path, draft(migration, parent))
    for name in ("README.md", ".gitkeep", ".DS_Store", "20260101000000_x.sql"):
        (path / name).write_text("x")
    (path / "notes").mkdir()
    (path / "__pycache__").mkdir()
    return path


def listing(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def test_a_folder_is_read_in_the_order_of_parents(migrations: Path) -> None:
    read = folder.load(migrations)
    assert read.problems == ()
    assert [migration.id for migration in read.chain()] == [A, B, C]
    first = read.chain()[0]
    assert (first.parent, first.key, first.edited) == (None, "key", ())
    assert (first.up().steps[0].sql, first.down().steps[0].sql) == ("SELECT 1;", "SELECT 2;")
    assert first.snapshot().undeclared == ("table public.a", "table public.b")
    assert msgspec.json.decode(first.snapshot().catalog) == {"tables": []}


def test_an_empty_folder_is_an_empty_line(tmp_path: Path) -> None:
    assert folder.load(tmp_path).chain() == ()


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_is_none_is_refused(tmp_path: Path, *, there: bool) -> None:
    if there:
        (tmp_path / "migrations").write_text("a file")
    with pytest.raises(ConfigError, match="there is no migrations folder at"):
        folder.load(tmp_path / "migrations")


def test_order_is_that_of_parents_not_of_names(tmp_path: Path) -> None:
    for migration, parent in ((C, None), (A, C), (B, A)):
        write.write(tmp_path, draft(migration, parent))
    assert [migration.id for migration in folder.load(tmp_path).chain()] == [C, A, B]


def _json(change: dict[str, object]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        file = path / B / "snapshot.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | change))

    return edit


def _text(name: str, text: str) -> Callable[[Path], object]:
    return lambda path: (path / B / name).write_text(text)


MERGE = "<<<<<<< HEAD\nSELECT 1;\n=======\nSELECT 2;\n>>>>>>> other\n"

PROBLEMS: list[tuple[str, Callable[[Path], object], list[tuple[str, tuple[str, ...]]], str]] = [
    ("fork", lambda path: write.write(path, draft(D, B)), [("fork", (C, D))], f"fork after {B}: {C} and {D}"),
    ("roots", lambda path: write.write(path, draft(D, None)), [("roots", (A, D))], "more than one migration has no"),
    ("orphan", lambda path: shutil.rmtree(path / B), [("orphan", (C,))], f"{C} comes after {B}, which is missing"),
    ("cycle", _json({"parent": C}), [("cycle", (B, C))], f"each other's parents: {B}, {C}"),
    ("its own parent", _json({"parent": B}), [("cycle", (B,))], f"migration {B} is its own parent"),
    ("no up", lambda path: (path / B / "up.sql").unlink(), [("half", (B,))], "it lacks up.sql"),
    ("no down", lambda path: (path / B / "down.sql").unlink(), [("half", (B,))], "it lacks down.sql"),
    ("no snapshot", lambda path: (path / B / "snapshot.json").unlink(), [("half", (B,))], "it lacks snapshot.json"),
    ("nothing", lambda path: (path / D).mkdir(), [("half", (D,))], "it lacks up.sql and down.sql and snapshot.json"),
    ("temporary", lambda path: (path / f".mizzle-new-{D}").mkdir(), [("leftover", (f".mizzle-new-{D}",))], "killed"),
    (
        "set aside",
        lambda path: (path / B).rename(path / f".mizzle-old-{B}"),
        [
            ("leftover", (f".mizzle-old-{B}",)),
            ("orphan", (C,)),
        ],
        f"if {B} is missing",
    ),
    ("not JSON", _text("snapshot.json", "{"), [("malformed", (B,))], "snapshot.json is not a snapshot"),
    ("empty", _text("snapshot.json", ""), [("malformed", (B,))], "snapshot.json is not a snapshot"),
    ("other JSON", _text("snapshot.json", "[]"), [("malformed", (B,))], "snapshot.json is not a snapshot"),
    ("no format", _text("snapshot.json", "{}"), [("malformed", (B,))], "missing required field `format`"),
    ("wrong field", _json({"parent": 1}), [("malformed", (B,))], "$.parent"),
    ("newer", _text("snapshot.json", '{"format": 2, "lines": []}'), [("newer", (B,))], "has format 2"),
    ("other id", _json({"id": A}), [("misnamed", (B,))], f"folder {B} holds the snapshot of migration {A}"),
    ("renamed", lambda path: (path / C).rename(path / "c"), [("misnamed", ("c",))], "folder c holds a migration"),
    (
        "no such day",
        lambda path: (path / C).rename(path / "20260231000000_c"),
        [
            ("misnamed", ("20260231000000_c",)),
        ],
        "is not called like one",
    ),
    ("edited up", _text("up.sql", "SELECT 3;\n"), [("edited", (B,))], f"{B} was edited after it was proved: up.sql"),
    ("edited down", _text("down.sql", ""), [("edited", (B,))], f"{B} was edited after it was proved: down.sql"),
    (
        "not filled in",
        lambda path: [_json({"up": "", "down": ""})(path), (path / B / "up.sql").write_text("-- to do\n\n")],
        [("empty", (B,))],
        f"migration {B} was never filled in: there is no SQL in its up.sql",
    ),
    (
        "filled in, not proved",
        _json({"up": "", "down": ""}),
        [("unproved", (B,))],
        f"migration {B} was written by hand and is not proved yet",
    ),
    ("merge in up", _text("up.sql", MERGE), [("conflict", (B,))], "conflict markers of a merge: up.sql"),
    ("merge in snapshot", _text("snapshot.json", "{\n" + MERGE + "}"), [("conflict", (B,))], "snapshot.json"),
    ("not UTF-8", lambda path: (path / B / "up.sql").write_bytes(b"\xff"), [("unreadable", (B,))], "is not UTF-8"),
    (
        "a folder for a file",
        lambda path: [(path / B / "up.sql").unlink(), (path / B / "up.sql").mkdir()],
        [
            ("unreadable", (B,)),
        ],
        "cannot be read: Is a directory",
    ),
]


@pytest.mark.parametrize(
    ("breaks", "kinds", "says"), [case[1:] for case in PROBLEMS], ids=[case[0] for case in PROBLEMS]
)
def test_what_is_wrong_is_named(
    migrations: Path, breaks: Callable[[Path], object], kinds: list[tuple[str, tuple[str, ...]]], says: str
) -> None:
    breaks(migrations)
    read = folder.load(migrations)
    assert [(problem.kind, problem.migrations) for problem in read.problems] == kinds
    assert all(problem.hint for problem in read.problems)
    with pytest.raises(FolderError) as caught:
        read.chain()
    assert caught.value.problems == read.problems
    assert says in str(caught.value)


def test_everything_wrong_is_named_at_once(migrations: Path) -> None:
    (migrations / A / "up.sql").write_text("SELECT 3;")
    (migrations / B / "down.sql").unlink()
    write.write(migrations, draft(D, C))
    write.write(migrations, draft("20260105000000_e", C))
    with pytest.raises(HistoryError) as caught:
        folder.load(migrations).chain()
    assert str(caught.value).startswith(f"3 things are wrong in {migrations}:\n- ")
    assert str(caught.value).count("hint: ") == 3


def test_an_edited_folder_has_its_order_for_who_asks(migrations: Path) -> None:
    (migrations / B / "up.sql").write_text("SELECT 3;")
    read = folder.load(migrations)
    assert [migration.id for migration in read.chain(despite={"edited"})] == [A, B, C]
    assert read.migrations[1].edited == ("up.sql",)


def test_line_ends_and_a_byte_order_mark_are_no_edit(migrations: Path) -> None:
    for name in ("up.sql", "down.sql", "snapshot.json"):
        file = migrations / B / name
        file.write_bytes(b"\xef\xbb\xbf" * (name != "snapshot.json") + file.read_bytes().replace(b"\n", b"\r\n"))
    assert folder.load(migrations).problems == ()
    assert folder.load(migrations).migrations[1].up_sql == "SELECT 1;\n"


def test_a_migration_is_written_as_documented(tmp_path: Path) -> None:
    path = write.write(tmp_path / "new", draft(A, None))
    assert path == tmp_path / "new" / A
    assert (path / "snapshot.json").read_text() == (
        '{\n "format": 1,\n "id": "20260101000000_a",\n "parent": null,\n'
        f' "up": "{snapshot.checksum("SELECT 1;" + chr(10))}",\n'
        f' "down": "{snapshot.checksum("SELECT 2;" + chr(10))}",\n "key": "key",\n'
        ' "over": [],\n "replaces": [],\n "contracts": "",\n'
        ' "undeclared": [\n  "table public.a",\n  "table public.b"\n ],\n'
        ' "catalog": {\n  "tables": []\n }\n}\n'
    )
    documented = FORMAT.read_text().partition("<!-- snapshot.json -->\n```json\n")[2].partition("```")[0]
    assert list(json.loads(documented)) == list(json.loads((path / "snapshot.json").read_text()))
    assert snapshot.encode(snapshot.read(path / "snapshot.json")) == (path / "snapshot.json").read_bytes()
    assert msgspec.json.format(documented.encode(), indent=1).decode() + "\n" == documented


def test_the_documented_words_are_the_words(migrations: Path) -> None:
    table = FORMAT.read_text().partition("| word |")[2].partition("\n\n")[0]
    words = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert words == {kind for case in PROBLEMS for kind, _ in case[2]}
    assert migrations.exists()


def test_nothing_is_overwritten(migrations: Path) -> None:
    before = listing(migrations)
    with pytest.raises(ConfigError, match=f"migration {B} cannot be written"):
        write.write(migrations, draft(B, A, up="SELECT 9;"))
    assert listing(migrations) == before


@pytest.mark.parametrize("migration", ["c", "20260231000000_c", "20260101000000_", "20260101000000_a/b", "../x"])
def test_what_is_no_id_is_not_written(tmp_path: Path, migration: str) -> None:
    with pytest.raises(ConfigError, match="not the id of a migration"):
        write.write(tmp_path, draft(migration, None))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_writable_is_named(migrations: Path) -> None:
    before = listing(migrations)
    root = os.geteuid() == 0
    migrations.chmod(0o555)
    try:
        if root:
            os.seteuid(65534)
        with pytest.raises(ConfigError, match="permission denied") as caught:
            write.write(migrations, draft(D, C))
    finally:
        if root:
            os.seteuid(0)
        migrations.chmod(0o755)
    assert "writable" in caught.value.hint
    assert listing(migrations) == before


FULL = """
import resource, signal, sys
from pathlib import Path
from mizzle.errors import ConfigError
from mizzle.migrations import folder, write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
path, migration, parent = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
draft = write.Draft(migration, parent, "SELECT 1;", "SELECT '" + "x" * 2000 + "';", "key", (), b"{}")
old = {m.id: m for m in (folder.load(path).migrations if path.exists() else ())}
try:
    write.rewrite(old[sys.argv[4]], draft) if sys.argv[4:] else write.write(path, draft)
except ConfigError as error:
    sys.exit(f"{error.message}|{error.hint}")
"""


@pytest.mark.parametrize("old", [[], [C], [D]])
def test_a_write_that_fails_half_way_leaves_nothing(migrations: Path, old: list[str]) -> None:
    write.write(migrations, draft(D, C))
    before = listing(migrations)
    target = D if old else "20260105000000_e"
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(migrations), target, B, *old], capture_output=True, text=True, check=False
    )
    assert f"migration {target} cannot be written: " in run.stderr
    assert listing(migrations) == before


def test_a_folder_made_for_a_write_that_fails_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "migrations"
    run = subprocess.run([sys.executable, "-c", FULL, str(path), A, ""], capture_output=True, text=True, check=False)
    assert "file too large" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_migration_is_rewritten_under_its_id(migrations: Path) -> None:
    (migrations / C / "notes.md").write_text("mine")
    old = folder.load(migrations).chain()[-1]
    assert write.rewrite(old, draft(C, A, up="SELECT 9;")) == migrations / C
    again = {migration.id: migration for migration in folder.load(migrations).migrations}[C]
    assert (again.parent, again.up_sql, again.edited) == (A, "SELECT 9;", ())
    assert (migrations / C / "notes.md").read_text() == "mine"


def test_a_migration_is_rewritten_under_another_id(migrations: Path) -> None:
    (migrations / C / "data").mkdir()
    (migrations / C / "data" / "x.csv").write_text("1")
    old = folder.load(migrations).chain()[-1]
    assert write.rewrite(old, draft(D, B)) == migrations / D
    assert [migration.id for migration in folder.load(migrations).chain()] == [A, B, D]
    assert (migrations / D / "data" / "x.csv").read_text() == "1"
    assert not [entry for entry in migrations.iterdir() if entry.name.startswith(".mizzle")]


def test_a_rewrite_does_not_overwrite_another(migrations: Path) -> None:
    before = listing(migrations)
    with pytest.raises(ConfigError, match="cannot be written"):
        write.rewrite(folder.load(migrations).chain()[-1], draft(B, A))
    assert listing(migrations) == before


SLUGS = [
    ("Add orders", "add_orders"),
    ("  users.email -> unique! ", "users_email_unique"),
    ("Größe ändern", "grosse_andern"),
    ("Überall café", "uberall_cafe"),
    ("名前", "migration"),
    ("", "migration"),
    ("../../etc/passwd", "etc_passwd"),
    ("x" * 80, "x" * 50),
    ("word " * 20, "_".join(["word"] * 10)),
]


@pytest.mark.parametrize(("text", "expected"), SLUGS)
def test_a_name_becomes_words(text: str, expected: str) -> None:
    assert ids.slug(text) == expected


@given(st.text())
def test_every_name_makes_an_id(text: str) -> None:
    made = ids.new_id(text, now=NOW)
    assert ids.is_id(made)
    assert len(made) <= 65


def test_ids_are_moments_in_utc() -> None:
    assert ids.new_id("a", now=NOW.astimezone(timezone(timedelta(hours=14)))) == "20260501120000_a"


def test_a_new_id_is_later_than_all() -> None:
    assert ids.new_id("a", now=NOW, after=["20260501120000_b", A]) == "20260501120001_a"
    assert ids.new_id("a", now=NOW, after=["20991231235959_b"]) == "21000101000000_a"


FORKED = {A: None, B: A, C: A, D: C}


def test_a_fork_has_a_point_and_two_heads() -> None:
    assert graph.heads(FORKED) == (B, D)
    assert graph.fork_point(FORKED, B, D) == A
    assert graph.fork_point({A: None, B: None}, A, B) is None
    assert graph.ancestry(FORKED, D) == (A, C, D)
    with pytest.raises(FolderError, match="fork after"):
        graph.chain(FORKED)


E = "20260501120000"
REBASES: list[tuple[str, dict[str, str | None], set[str], list[tuple[str, str, str | None]]]] = [
    ("nothing to do", {A: None, B: A}, {A}, [(B, B, A)]),
    ("mine is later and keeps its id", FORKED, {B}, [(C, C, B), (D, D, C)]),
    ("mine is earlier and gets a new one", FORKED, {D}, [(B, f"{E}_b", D)]),
    (
        "each that is earlier gets one",
        {A: None, B: A, C: B, D: A},
        {D},
        [(B, f"{E}_b", D), (C, f"{E[:-1]}1_c", f"{E}_b")],
    ),
    ("what is kept brings its ancestors", FORKED, {A, D}, [(B, f"{E}_b", D)]),
    ("an orphan finds a parent", {A: None, C: B}, {A}, [(C, C, A)]),
    ("two roots become one line", {A: None, B: None}, {A}, [(B, B, A)]),
    ("nothing is kept", {A: None, B: A}, set(), [(A, A, None), (B, B, A)]),
    ("three branches", {A: None, B: A, C: A, D: A}, {B}, [(C, C, B), (D, D, C)]),
    ("an order that was there stays", {C: None, A: C, B: A}, {C}, [(A, A, C), (B, B, A)]),
]


@pytest.mark.parametrize(("parents", "keep", "expected"), [case[1:] for case in REBASES], ids=[c[0] for c in REBASES])
def test_a_rebase_puts_the_others_on_top(
    parents: dict[str, str | None], keep: set[str], expected: list[tuple[str, str, str | None]]
) -> None:
    moves = graph.rebase_order(parents, keep=keep, now=NOW)
    assert [(move.id, move.new_id, move.new_parent) for move in moves] == expected
    moved = {move.id for move in moves}
    mended = {key: parent for key, parent in parents.items() if key not in moved}
    assert graph.chain(mended | {move.new_id: move.new_parent for move in moves})
    assert [move.changed for move in moves] == [parents[i] != parent or i != new for i, new, parent in expected]


def test_what_is_applied_stays() -> None:
    with pytest.raises(HistoryError, match=f"a database has applied {B}, which would have to move"):
        graph.rebase_order(FORKED, keep={D}, now=NOW, applied={A, B})
    with pytest.raises(HistoryError, match=f"two lines are to stay where they are: {B} and {C}"):
        graph.rebase_order(FORKED, keep={B, C}, now=NOW)
    with pytest.raises(HistoryError, match="is not in the folder"):
        graph.rebase_order({A: None}, keep={B}, now=NOW)
    with pytest.raises(HistoryError, match="each other's parents"):
        graph.rebase_order({A: B, B: A}, keep=(), now=NOW)


@given(st.dictionaries(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdefg")))
def test_a_graph_without_problems_is_one_line(parents: dict[str, str | None]) -> None:
    if graph.problems(parents):
        return
    line = graph.chain(parents)
    assert sorted(line) == sorted(parents)
    assert [parents[migration] for migration in line] == [None, *line][:-1]
