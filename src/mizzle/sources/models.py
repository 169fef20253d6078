"""`MODULE:ATTR` → MetaData: a declarative base, a registry, a MetaData, or a factory of one of them."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Generator, Iterable
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mizzle import names
from mizzle.errors import ConfigError, ImportFailed, MizzleError
from mizzle.sources.mapped import Mapped, told

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_FORM = 'write it as "package.module:Base"'
_KINDS = "name a declarative base, a registry, a MetaData, or a function without arguments that returns one"
_WHERE = "modules are looked for beside the configuration file and in its src folder, then where Python has them"
_SHOWN_FRAMES = 5


def load(specs: Iterable[str], *, root: Path) -> tuple[MetaData, ...]:
    """Import each `MODULE:ATTR` and return their metadata, each once; `root` and `root/src` are put on the path.

    What the modules print goes to stderr. Raises ConfigError for a spec that names no metadata, ImportFailed where a
    module does not import: with the frames of the user's own files.
    """
    _put_on_path(root)
    found: list[MetaData] = []
    for spec in specs:
        metadata = _metadata(spec, root)
        if all(metadata is not other for other in found):
            found.append(metadata)
    return tuple(found)


def classes(specs: Iterable[str]) -> tuple[str, ...]:
    """Return which class is mapped to which table by the bases and registries that load() has found, sorted.

    Each as a comment, which is no statement (mapped.py).
    """
    found: set[Mapped] = set()
    for spec in specs:
        value: Any = sys.modules.get(module_of(spec))
        for part in spec.partition(":")[2].split("."):
            value = getattr(value, part, None)
        for mapper in getattr(getattr(value, "registry", value), "mappers", ()):
            table = mapper.local_table
            if getattr(table, "name", None) and mapper.inherits is None:
                file = getattr(sys.modules.get(mapper.class_.__module__), "__file__", None)
                name = names.dotted(table.schema or "public", table.name)
                found.add(Mapped(name, mapper.class_.__name__, file or ""))
    return tuple(map(told, sorted(found)))


def module_of(spec: str) -> str:
    """Return the module part of a spec. Raises ConfigError where it is none, or there is no attribute part."""
    module, _, attribute = spec.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise ConfigError(f"not a place of models: {spec}", hint=_FORM)
    return module


def _put_on_path(root: Path) -> None:
    for folder in (root / "src", root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def _metadata(spec: str, root: Path) -> MetaData:
    name = module_of(spec)
    value: Any = _import(name, spec, root)
    for part in spec.partition(":")[2].split("."):
        with _explained(f"models {spec}: {part} cannot be had", root):
            there = hasattr(value, part)
        if not there:
            near = _near(value)
            hint = f"its metadata may be {near}" if near else _FORM
            raise ConfigError(f"models {spec}: {name} has no attribute {part}", hint=hint)
        value = getattr(value, part)
    return _as_metadata(value, spec, root)


def _as_metadata(value: Any, spec: str, root: Path) -> MetaData:
    metadata = _held(value)
    if metadata is None and callable(value) and not isinstance(value, type):
        with _explained(f"models {spec}: the factory failed", root):
            metadata = _held(value())
        if metadata is None:
            raise ConfigError(f"models {spec}: the factory returns no metadata", hint=_KINDS)
    if metadata is None:
        raise ConfigError(f"models {spec} is no metadata but {_described(value)}", hint=_KINDS)
    return metadata


def _held(value: Any) -> MetaData | None:
    """Return the metadata that a value is or has."""
    if "sqlalchemy" not in sys.modules:
        return None  # nobody has made metadata yet
    from sqlalchemy import MetaData  # noqa: PLC0415 - importing it takes longer than most commands do without it

    found = getattr(value, "metadata", value)
    return found if isinstance(found, MetaData) else None


def _described(value: Any) -> str:
    return f"class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"


def _import(name: str, spec: str, root: Path) -> ModuleType:
    try:
        with _explained(f"models {spec} do not import", root):
            return importlib.import_module(name)
    except ImportFailed as error:
        missing = error.__cause__.name if isinstance(error.__cause__, ModuleNotFoundError) else None
        if missing is None:
            raise
        if name == missing or name.startswith(f"{missing}."):
            message = f"models {spec}: there is no module {missing}"
            raise ImportFailed(message, hint=f"{_WHERE}; the first is {root}") from error.__cause__
        hint = f"install {missing.partition('.')[0]} beside mizzle, if it is a package ({sys.executable}); {_WHERE}"
        found = ImportFailed(error.message, hint=hint)
        found.at = error.at
        raise found from error.__cause__


@contextmanager
def _explained(what: str, root: Path) -> Generator[None]:
    """Run the user's code: whatever it raises becomes an ImportFailed, what it prints does not mix with results."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except MizzleError:
        raise
    except (Exception, SystemExit) as error:
        raise failed(what, error, root) from error


def failed(what: str, error: BaseException, root: Path) -> ImportFailed:
    """Return the error that says what the user's own code raised, and where in their own files."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _own(frame.filename, root)]
    shown = [f"  {_relative(f.filename, root)}:{f.lineno} in {f.name}: {f.line}" for f in frames[-_SHOWN_FRAMES:]]
    at = (_relative(frames[-1].filename, root), frames[-1].lineno or 1) if frames else None
    if isinstance(error, SyntaxError) and error.filename:
        shown.append(f"  {_relative(error.filename, root)}:{error.lineno}: {(error.text or '').strip()}")
        at = (_relative(error.filename, root), error.lineno or 1)
    said = next(iter(str(error).splitlines()), "")
    reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
    found = ImportFailed("\n".join([f"{what}: {reason}", *shown]), hint="correct it there, and try again")
    found.at = at
    return found


def _own(filename: str, root: Path) -> bool:
    path = Path(filename)
    return path.is_relative_to(root) and not {"site-packages", "dist-packages"} & set(path.parts)


def _relative(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root)) if path.is_relative_to(root) else filename


def _near(holder: object) -> str:
    """Return the names in a module or a class that lead to metadata."""
    names: dict[str, object] = getattr(holder, "__dict__", {})
    found = [name for name, value in names.items() if not name.startswith("_") and _is_base(value)]
    return " or ".join(sorted(found)[:3])


def _is_base(value: Any) -> bool:
    """Say whether a value leads to metadata, and is no model: those that a base's own classes inherit do, too."""
    return _held(value) is not None and not hasattr(value, "__table__")
