"""Alembic's revisions, read by Alembic itself: its own files decide what is a head, a base or a branch.

Neither env.py nor a revision's functions run, and no database is asked; the modules of the revisions are imported, as
Alembic does for each of its commands.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator, Iterable, Mapping, Sequence
from configparser import Error as IniError
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import TYPE_CHECKING, Any

import msgspec

from mizzle.errors import ConfigError, ImportFailed, MizzleError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

_INSTALL = "run mizzle in the project's own environment, where its Alembic is; or: mizzle adopt database"


class Revision(msgspec.Struct, frozen=True):
    """One revision: `needs` are those below it, and those that its depends_on names; `file` is its own."""

    id: str
    needs: tuple[str, ...]
    message: str
    file: str

    def __str__(self) -> str:
        return f"{self.id}  {self.message}".rstrip()


class Revisions(msgspec.Struct, frozen=True):
    """All revisions by id, from the first on; heads and bases as Alembic names them, `notes` what it warned of."""

    by_id: Mapping[str, Revision]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def unknown(self, at: Iterable[str]) -> tuple[str, ...]:
        """Return those of `at`, the rows of a version table, that no file has."""
        return tuple(each for each in at if each not in self.by_id)

    def missing(self, at: Iterable[str]) -> tuple[Revision, ...]:
        """Return what a database at the revisions `at` has not applied, from the first on."""
        have = self._below(at)
        return tuple(each for each in self.by_id.values() if each.id not in have)

    def _below(self, at: Iterable[str]) -> set[str]:
        waiting, found = list(at), set[str]()
        while waiting:
            revision = waiting.pop()
            if revision not in found:
                found.add(revision)
                waiting += self.by_id[revision].needs
        return found


def read(path: Path) -> Revisions:
    """Read the revisions of a project: `path` is its alembic.ini, its pyproject.toml, or the folder of its scripts.

    Raises ImportFailed where Alembic is not installed or a revision does not import, ConfigError where it cannot use
    what it is given.
    """
    with explained(path) as notes, _as_alembic(path) as config:
        from alembic.script import ScriptDirectory  # noqa: PLC0415 - the user's own: nothing else needs it

        scripts = ScriptDirectory.from_config(config)
        walked = [_revision(scripts, each) for each in scripts.walk_revisions("base", "heads")]
        heads, bases = tuple(sorted(scripts.get_heads())), tuple(sorted(scripts.get_bases()))
    return Revisions({each.id: each for each in reversed(walked)}, heads, bases, tuple(notes))


@contextmanager
def explained(path: Path) -> Generator[list[str]]:
    """Tell in words what Alembic, its configuration `path` or a revision fails with; give what it has warned of.

    Raises ImportFailed where a revision does not import, ConfigError for all else.
    """
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            yield notes
        except MizzleError:
            raise
        except (Exception, SystemExit) as error:
            raise _in_words(path, error, _texts(warned)) from error
    notes += _texts(warned)


def _texts(warned: Iterable[warnings.WarningMessage]) -> list[str]:
    return [str(each.message) for each in warned if each.category is UserWarning]


def _in_words(path: Path, error: BaseException, notes: Sequence[str]) -> MizzleError:
    said = str(error).partition("\n")[0].rstrip(".")
    if _said_by_alembic(error):
        return ConfigError(f"{path}: Alembic: {said}", hint="see what `alembic heads` says there")
    missing = next((each for each in notes if "is not present" in each), "")
    if isinstance(error, KeyError) and missing:  # which says no more than the name of the revision
        return ConfigError(f"{path}: Alembic: {missing}", hint="restore its file, see `alembic history`")
    if isinstance(error, IniError | TOMLDecodeError | UnicodeDecodeError):
        return ConfigError(f"{path} cannot be read: {said}", hint="correct it: `alembic heads` has to read it, too")
    if isinstance(error, ImportError):
        return ImportFailed(f"Alembic's scripts do not import: {error}", hint=_INSTALL)
    where = f"{type(error).__name__}: {error}"
    return ImportFailed(f"{path}: a revision does not import: {where}", hint="see `alembic history`")


def _revision(scripts: Any, script: Script) -> Revision:
    depends = _listed(script.dependencies)
    needs = (*_listed(script.down_revision), *(each.revision for each in scripts.get_revisions(depends) if each))
    return Revision(script.revision, needs, " ".join((script.doc or "").split()), str(script.path))


def _listed(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


@contextmanager
def _as_alembic(path: Path) -> Generator[Config]:
    """Give Alembic's configuration, with folder and path as `alembic` has them.

    Nothing is written: no bytecode beside the revisions either.
    """
    place = path if path.is_dir() else path.parent
    kept, bytecode = list(sys.path), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        with chdir(place.parent if (place / "env.py").exists() else place), redirect_stdout(sys.stderr):
            yield _config(path)
    finally:
        sys.path[:], sys.dont_write_bytecode = kept, bytecode


def _config(path: Path) -> Config:
    try:
        from alembic.config import Config  # noqa: PLC0415 - as in read()
    except ImportError as error:
        raise ImportFailed(f"Alembic cannot be imported here: {error}", hint=_INSTALL) from error
    if path.is_dir():
        config = Config(str(path / "alembic.ini") if (path / "alembic.ini").is_file() else None)
        config.set_main_option("script_location", str(path).replace("%", "%%"))
        return config
    if path.suffix == ".toml":
        return Config(toml_file=path)
    beside = path.parent / "pyproject.toml"
    config = Config(str(path), toml_file=beside) if beside.is_file() else Config(str(path))
    if config.get_main_option("script_location") is None and (path.parent / "env.py").is_file():
        config.set_main_option(
            "script_location", str(path.parent).replace("%", "%%")
        )  # Flask-Migrate says it by itself
    return config


def _said_by_alembic(error: BaseException) -> bool:
    from alembic.script.revision import RevisionError  # noqa: PLC0415 - as in read()
    from alembic.util import CommandError  # noqa: PLC0415 - as in read()

    return isinstance(error, CommandError | RevisionError)
