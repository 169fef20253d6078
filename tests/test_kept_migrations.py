"""A migration whose files were not touched is read once; one that was touched is read again."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from mizzle import caches
from mizzle.errors import HistoryError
from mizzle.migrations import folder, kept, write
from mizzle.migrations.folder import Folder, Migration
from mizzle.migrations.write import Draft
from mizzle.project.known import proved, remember_proof
from mizzle.project.project import Project

A, B, C = "20260101000000_a", "20260102000000_b", "20260103000000_c"


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The line A, B, C, read and kept in a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "migrations"
    for migration, parent in ((A, None), (B, A), (C, B)):
        write.write(path, Draft(migration, parent, "SELECT 1;\n", "SELECT 2;\n", "key", (), b"{}"))
    settle()
    assert kept.read(path) == folder.load(path)
    assert reads(path, monkeypatch) == []
    return path


def settle() -> None:
    """Let a file count as not just written."""
    time.sleep(2.5 * caches.TICK / 1e9)


def reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Read the folder as a daily command does; return the migrations of which nothing could be taken as kept."""
    anew: list[str] = []
    find = kept.Kept.find

    def told(self: kept.Kept, name: str) -> Migration | None:
        found = find(self, name)
        if found is None:
            anew.append(name)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(kept.Kept, "find", told)
        kept.read(path)
    return anew


def problems(read: Folder) -> list[str]:
    return [problem.kind for problem in read.problems]


@pytest.mark.parametrize("file", ["up.sql", "down.sql"])
def test_an_edit_of_the_same_size_whose_time_was_set_back_is_found(migrations: Path, file: str) -> None:
    edited = migrations / B / file
    before = edited.stat()
    edited.write_text(edited.read_text().replace("SELECT", "select"))
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert edited.stat().st_size == before.st_size
    assert problems(kept.read(migrations)) == ["edited"]


def test_a_file_that_was_put_in_the_place_of_another_is_found(migrations: Path) -> None:
    edited = migrations / B / "up.sql"
    other = migrations.parent / "other.sql"
    other.write_text("SELECT 3;\n")
    shutil.copystat(edited, other)
    other.replace(edited)
    assert problems(kept.read(migrations)) == ["edited"]


def test_what_is_wrong_is_told_each_time(migrations: Path) -> None:
    (migrations / B / "up.sql").write_text("SELECT 3;\n")
    settle()
    for _ in range(2):
        assert problems(kept.read(migrations)) == ["edited"]
    (migrations / B / "up.sql").unlink()
    assert problems(kept.read(migrations)) == ["half"]


def test_one_more_is_read_and_the_others_are_not(migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = "20260104000000_d"
    write.write(migrations, Draft(later, C, "SELECT 1;\n", "SELECT 2;\n", "key", (), b"{}"))
    assert reads(migrations, monkeypatch) == [later]
    assert reads(migrations, monkeypatch) == [later], "it was just written, and may be written to again unseen"
    settle()
    assert reads(migrations, monkeypatch) == [later]
    assert reads(migrations, monkeypatch) == []


def test_one_that_is_gone_is_gone(migrations: Path) -> None:
    shutil.rmtree(migrations / C)
    assert [migration.id for migration in kept.read(migrations).chain()] == [A, B]
    shutil.rmtree(migrations / A)
    assert problems(kept.read(migrations)) == ["orphan"]


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x80", b"\x81\xa1x\x92\x90\x80"])
def test_a_damaged_cache_is_of_no_use_and_does_no_harm(migrations: Path, damage: bytes) -> None:
    (file,) = (migrations.parent / "cache" / "mizzle" / "folders").iterdir()
    file.write_bytes(damage)
    assert kept.read(migrations) == folder.load(migrations)


def test_a_cache_that_cannot_be_written_costs_time_alone(migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (migrations.parent / "no").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(migrations.parent / "no"))
    assert kept.read(migrations) == folder.load(migrations)
    assert reads(migrations, monkeypatch) == [A, B, C]


def test_a_script_is_held_against_its_checksum_when_it_is_taken_up(migrations: Path) -> None:
    read: tuple[Migration, ...] = kept.read(migrations).chain()
    assert read[1].up_sql == "SELECT 1;\n"
    (migrations / B / "up.sql").write_text("DROP TABLE users;\n")
    with pytest.raises(HistoryError, match=f"{B}/up.sql was written to while it was being read"):
        read[1].up()
    (migrations / B / "down.sql").unlink()
    with pytest.raises(HistoryError, match=f"{B}/down.sql cannot be read"):
        read[1].down()


def test_a_proof_holds_as_far_as_the_migrations_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "mizzle.toml").write_text("")
    project = Project.load(tmp_path)
    stamped = [(each, "files", "snapshot") for each in (A, B, C)]
    assert proved(project, stamped) == 0
    remember_proof(project, stamped[:2])
    assert proved(project, stamped) == 2
    assert proved(project, stamped[:1]) == 0
    assert proved(project, [stamped[0], (B, "edited", "snapshot"), stamped[2]]) == 0
