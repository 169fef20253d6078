"""`MODULE:ATTR` → MetaData: a declarative base, a registry, a MetaData, or a factory of one of them."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mizzle.errors import ConfigError, ImportFailed, MizzleError

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_FORM = 'write it as "package.module:Base"'
_SHOWN_FRAMES = 5


def load(specs: Iterable[str], *, root: Path) -> tuple[MetaData, ...]:
    """Import each `MODULE:ATTR` and return their metadata, each once; `root` and `root/src` are put on the path.

    Raises ConfigError for a spec that names no metadata, ImportFailed where the module does not import: with the frames
    of the user's own files.
    """
    _put_on_path(root)
    found: list[MetaData] = []
    for spec in specs:
        metadata = _metadata(spec, root)
        if all(metadata is not other for other in found):
            found.append(metadata)
    return tuple(found)


def module_of(spec: str) -> str:
    """Return the module part of a spec. Raises ConfigError where there is no attribute part."""
    module, colon, attribute = spec.partition(":")
    if not (module and colon and attribute):
        raise ConfigError(f"not a place of models: {spec}", hint=_FORM)
    return module


def _put_on_path(root: Path) -> None:
    for folder in (root / "src", root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def _metadata(spec: str, root: Path) -> MetaData:
    name = module_of(spec)
    value = _import(name, spec, root)
    for part in spec.partition(":")[2].split("."):
        if not hasattr(value, part):
            near = _near(value)
            hint = f"its metadata may be {near}" if near else _FORM
            raise ConfigError(f"models {spec}: {name} has no attribute {part}", hint=hint)
        value = getattr(value, part)
    return _as_metadata(value, spec, root)


def _as_metadata(value: Any, spec: str, root: Path) -> MetaData:
    # Kept here: importing SQLAlchemy takes longer than most commands do without it.
    from sqlalchemy import MetaData  # noqa: PLC0415

    if isinstance(value, MetaData):
        return value
    metadata = getattr(value, "metadata", None)
    if isinstance(metadata, MetaData):
        return metadata
    if callable(value) and not isinstance(value, type):
        try:
            made = value()
        except Exception as error:  # the user's code may raise anything
            raise _failed(f"models {spec}: the factory failed", error, root) from error
        if not callable(made) or isinstance(made, type):
            return _as_metadata(made, spec, root)
    kind = type(value).__name__
    raise ConfigError(
        f"models {spec} is no metadata but a {kind}",
        hint="name a declarative base, a registry, a MetaData, or a function without arguments that returns one",
    )


def _import(name: str, spec: str, root: Path) -> Any:
    try:
        return importlib.import_module(name)
    except MizzleError:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise ImportFailed(
                f"models {spec}: there is no module {error.name} below {root}",
                hint="`models` is looked for beside the configuration file and in its src folder",
            ) from error
        raise _failed(f"models {spec} do not import", error, root) from error
    except Exception as error:  # the user's code may raise anything
        raise _failed(f"models {spec} do not import", error, root) from error


def _failed(what: str, error: Exception, root: Path) -> ImportFailed:
    """Return an error that shows where in the user's own files it happened."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _own(frame.filename, root)]
    shown = [f"  {_relative(f.filename, root)}:{f.lineno} in {f.name}: {f.line}" for f in frames[-_SHOWN_FRAMES:]]
    if isinstance(error, SyntaxError) and error.filename:
        shown.append(f"  {_relative(error.filename, root)}:{error.lineno}: {(error.text or '').strip()}")
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return ImportFailed(
        "\n".join([f"{what}: {reason}", *shown]), hint="import it with python to see the whole traceback"
    )


def _own(filename: str, root: Path) -> bool:
    path = Path(filename)
    return path.is_relative_to(root) and not {"site-packages", "dist-packages"} & set(path.parts)


def _relative(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root)) if path.is_relative_to(root) else filename


def _near(module: Any) -> str:
    # Kept here: importing SQLAlchemy takes longer than most commands do without it.
    from sqlalchemy import MetaData  # noqa: PLC0415

    names = [
        n for n, v in vars(module).items() if isinstance(getattr(v, "metadata", v), MetaData) and not n.startswith("_")
    ]
    return " or ".join(sorted(names)[:3])
