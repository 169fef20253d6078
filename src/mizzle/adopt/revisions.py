"""Alembic's revisions, read by Alembic itself: its own files decide what is a head, a base or a branch.

Neither env.py nor a revision's functions run, and no database is asked; the modules of the revisions are imported, as
Alembic does for each of its commands.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator, Iterable, Mapping
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
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
    with _as_alembic(path) as config:
        from alembic.script import ScriptDirectory  # noqa: PLC0415 - the user's own: nothing else needs it

        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            scripts = ScriptDirectory.from_config(config)
            try:
                walked = [_revision(scripts, each) for each in scripts.walk_revisions("base", "heads")]
            except KeyError as error:
                raise _incomplete(path, warned, error) from error
            heads, bases = tuple(sorted(scripts.get_heads())), tuple(sorted(scripts.get_bases()))
    notes = tuple(str(each.message) for each in warned if each.category is UserWarning)
    return Revisions({each.id: each for each in reversed(walked)}, heads, bases, notes)


def _incomplete(path: Path, warned: Iterable[warnings.WarningMessage], error: KeyError) -> Exception:
    """Return what Alembic has warned of before it failed for it: it says no more than the name of the revision."""
    told = next((str(each.message) for each in warned if "is not present" in str(each.message)), "")
    if not told:
        return error
    return ConfigError(f"{path}: Alembic: {told}", hint="restore its file, see `alembic history`")


def _revision(scripts: Any, script: Script) -> Revision:
    depends = _listed(script.dependencies)
    needs = (*_listed(script.down_revision), *(each.revision for each in scripts.get_revisions(depends) if each))
    return Revision(script.revision, needs, " ".join((script.doc or "").split()), str(script.path))


def _listed(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


@contextmanager
def _as_alembic(path: Path) -> Generator[Config]:
    """Give Alembic's configuration, with folder and path as `alembic` has them; what fails is told in words.

    Nothing is written: no bytecode beside the revisions either.
    """
    place = path if path.is_dir() else path.parent
    kept, bytecode = list(sys.path), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        with chdir(place.parent if (place / "env.py").exists() else place), redirect_stdout(sys.stderr):
            yield _config(path)
    except MizzleError:
        raise
    except ImportError as error:
        raise ImportFailed(f"Alembic's scripts do not import: {error}", hint=_INSTALL) from error
    except Exception as error:
        if _said_by_alembic(error):
            said = str(error).partition("\n")[0].rstrip(".")
            raise ConfigError(f"{path}: Alembic: {said}", hint="see what `alembic heads` says there") from error
        where = f"{type(error).__name__}: {error}"
        raise ImportFailed(f"{path}: a revision does not import: {where}", hint="see `alembic history`") from error
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


def _said_by_alembic(error: Exception) -> bool:
    from alembic.script.revision import RevisionError  # noqa: PLC0415 - as in read()
    from alembic.util import CommandError  # noqa: PLC0415 - as in read()

    return isinstance(error, CommandError | RevisionError)
