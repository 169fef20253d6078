"""Migrations written as revisions of an Alembic project, too, which go on being run by Alembic.

A migration's revision has its fourteen digits as its id. The first that is written comes behind what is there: what the
migrations folder held before that was made by the revisions of before.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mizzle.adopt.revisions import explained
from mizzle.errors import ConfigError
from mizzle.migrations import write
from mizzle.migrations.folder import Migration
from mizzle.migrations.ids import name_of, stamp
from mizzle.project import revision
from mizzle.project.config import PYPROJECT
from mizzle.project.project import Project

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_INI = "alembic.ini"


class Versions(msgspec.Struct, frozen=True):
    """An Alembic project's revisions: the folder of its configuration, and what is to be written.

    `missing` are the ids of the migrations that are there and have no revision; `foreign` is the id of a revision on
    top that no migration has, if there is one.
    """

    script: ScriptDirectory
    root: Path
    missing: tuple[str, ...] = ()
    foreign: str = ""


def find(project: Project, chain: Sequence[Migration]) -> Versions:
    """Return the Alembic project beside a project's configuration, or where ALEMBIC_CONFIG says.

    Raises ConfigError where there is none or Alembic is not installed, where it has more than one head, and where it
    has revisions and there are no migrations that say what they have made; ImportFailed where a revision does not
    import.
    """
    if project.config.per_schema:
        raise ConfigError(
            "Alembic's revisions know no schema for each tenant (per_schema)", hint="run them with mizzle migrate"
        )
    named, root = _configured(project.config.root)
    with _to_stderr(), explained(named) as notes, chdir(root):
        script = _script(named, project.config.root)
        heads = script.get_heads()
        known = {each.revision for each in script.walk_revisions()}
    for note in notes:
        project.note(f"Alembic: {note}")
    if len(heads) > 1:
        raise ConfigError(
            f"Alembic has {len(heads)} heads: {', '.join(sorted(heads))}", hint="alembic merge makes one of them"
        )
    if known and not chain:
        raise ConfigError(
            f"Alembic has {len(known)} revisions, and no migration says what they have made",
            hint="record that first: mizzle baseline; from then on every change is written for both",
        )
    stamps = [stamp(each.id) for each in chain]
    last = max((number for number, each in enumerate(stamps, 1) if each in known), default=len(stamps) if known else 0)
    foreign = heads[0] if heads and not known.isdisjoint(stamps) and heads[0] not in stamps else ""
    return Versions(script, root, tuple(each.id for each in chain[last:]), foreign)


def write_revisions(project: Project, versions: Versions, new: Sequence[str] = ()) -> tuple[Path, ...]:
    """Write the revisions that are missing, and those of the `new` migrations, which are removed where that fails.

    Return their files. Raises ConfigError where one cannot be written, or the project's template leaves it out.
    """
    wanted = {*versions.missing, *new}
    chain = [each for each in project.folder(anew=True).chain() if each.id in wanted]
    written: list[Path] = []
    try:
        for migration in chain:
            written += [_write(versions, migration)]
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        write.remove(each for each in reversed(chain) if each.id in new)
        raise
    return tuple(written)


def _write(versions: Versions, migration: Migration) -> Path:
    name = stamp(migration.id)
    up = revision.body(migration.up(), key=f"{name} upgrade")
    down = revision.body(migration.down(), key=f"{name} downgrade")
    message = name_of(migration.id).replace("_", " ")
    try:
        with _to_stderr(), _taken_back(versions), chdir(versions.root):
            made = versions.script.generate_revision(name, message, head="head", upgrades=up, downgrades=down)
    except (Exception, SystemExit) as error:
        # CommandError, mako's own, and what a hook of the project raises.
        raise ConfigError(
            f"Alembic does not write the revision of {migration.id}: {str(error).strip()}",
            hint="correct alembic.ini or script.py.mako; nothing was written",
        ) from error
    assert made is not None
    path = Path(made.path)
    wanted = _texts(f"def upgrade():\n    {up}\ndef downgrade():\n    {down}\n")
    if not wanted <= _texts(path.read_text(encoding="utf-8")):
        path.unlink()
        raise ConfigError(
            f"Alembic's template leaves out what revision {name} does",
            hint="script.py.mako has to hold ${upgrades} and ${downgrades}, as that of `alembic init` does",
        )
    return path


@contextmanager
def _to_stderr() -> Generator[None]:
    """Keep what revisions print, Alembic and the programs that its hooks run, from mixing with results."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _taken_back(versions: Versions) -> Generator[None]:
    """Remove the file that Alembic has written before it failed: before its hooks ran, or it was imported."""
    folder = _folder(versions)
    before = {*folder.glob("*.py")}
    try:
        yield
    except BaseException:
        for path in {*folder.glob("*.py")} - before:
            path.unlink()
        raise


def _folder(versions: Versions) -> Path:
    """Return where Alembic writes the next revision: beside the last one, where it has several folders."""
    from alembic.util import CommandError  # noqa: PLC0415 - as in _script()

    with chdir(versions.root):
        try:
            return Path(versions.script.versions).resolve()
        except CommandError:
            paths = [Path(each.path) for each in versions.script.get_revisions("heads")]
            return paths[0].parent.resolve() if paths else versions.root


def _texts(source: str) -> set[str]:
    """Return the literals in Python's source."""
    found = (each.value for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Constant))
    return {each for each in found if isinstance(each, str)}


def _configured(root: Path) -> tuple[Path, Path]:
    """Return the file that configures Alembic, and the folder that its paths may be relative to."""
    named = os.environ.get("ALEMBIC_CONFIG")
    ini = Path(named).resolve() if named else root / _INI
    if ini.is_file():
        return ini, ini.parent
    if not (root / PYPROJECT).is_file():
        raise ConfigError(f"there is no {ini}", hint="alembic init writes one; ALEMBIC_CONFIG names another")
    return root / PYPROJECT, root


def _script(path: Path, root: Path) -> ScriptDirectory:
    try:
        # Imported here: only who keeps Alembic has it.
        from alembic.config import Config  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigError("Alembic is not installed here", hint="pip install alembic") from error
    pyproject = root / PYPROJECT
    quiet = argparse.Namespace(quiet=True)
    config = Config(
        None if path == pyproject else path, toml_file=pyproject if pyproject.is_file() else None, cmd_opts=quiet
    )
    return ScriptDirectory.from_config(config)
