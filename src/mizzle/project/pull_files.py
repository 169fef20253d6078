"""What was pulled, written into a project: all of its files or none, and the settings that name them."""

from __future__ import annotations

import keyword
from contextlib import suppress
from pathlib import Path

import msgspec

from mizzle.errors import ConfigError
from mizzle.project.pull import AFTER, BEFORE, MODELS, Pulled


class Stored(msgspec.Struct, frozen=True):
    """The files that were written, and the settings that make them a project's sources, by name."""

    paths: tuple[Path, ...]
    settings: dict[str, str | list[str]]
    root: Path


def store(pulled: Pulled, folder: Path, *, root: Path, force: bool = False) -> Stored:
    """Write the files into `folder`, all or none; `root` is the folder of the configuration.

    Raises ConfigError where one is there already, unless `force`; and where Python could not import the models there.
    """
    folder = folder.resolve()
    root = root if folder.is_relative_to(root) else folder
    settings = _settings(pulled, folder, root)
    expect_free(folder, force=force)
    try:
        paths = _write(pulled, folder)
    except OSError as error:
        raise ConfigError(
            f"cannot write {error.filename or folder}: {error.strerror}",
            hint="see that it is a folder, writable, with room",
        ) from error
    return Stored(paths, settings, root)


def expect_free(folder: Path, *, force: bool) -> None:
    """Raise ConfigError where a file that would be written is there already, unless `force`."""
    there = [path for name in (MODELS, BEFORE, AFTER) if (path := folder / name).exists()]
    if there and not force:
        raise ConfigError(f"{there[0]} is there already", hint="name another folder with --out, or --force to replace")


def _write(pulled: Pulled, folder: Path) -> tuple[Path, ...]:
    """Write all files beside their places first: what fails leaves all as it was."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write_into(folder, pulled)
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


def _write_into(folder: Path, pulled: Pulled) -> tuple[Path, ...]:
    paths = {folder / name: text for name, text in pulled.files.items()}
    drafts = {path: path.with_name(f".{path.name}.mizzle") for path in paths}
    try:
        for path, text in paths.items():
            drafts[path].write_text(text, encoding="utf-8")
        for path, draft in drafts.items():
            draft.replace(path)
        for name in {MODELS, BEFORE, AFTER} - {*pulled.files}:
            (folder / name).unlink(missing_ok=True)  # of an earlier pull
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return tuple(paths)


def _settings(pulled: Pulled, folder: Path, root: Path) -> dict[str, str | list[str]]:
    inside = folder.relative_to(root)
    parts = inside.parts[1:] if inside.parts[:1] == ("src",) else inside.parts
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        raise ConfigError(f"{inside} is no name of a package", hint="name another folder with --out, such as app/db")
    spec = f"{'.'.join((*parts, Path(MODELS).stem))}:Base"
    found: dict[str, str | list[str]] = {"models": spec}
    if BEFORE in pulled.files:
        found["models"] = [str(inside / BEFORE), spec]
    if AFTER in pulled.files:
        found["sql"] = str(inside / AFTER)
    if pulled.schemas not in {(), ("public",)}:
        found["schemas"] = list(pulled.schemas)
    return found
