"""Modules beside the models that define tables and were not imported: their tables would be taken for dropped."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from mizzle.errors import ConfigError

_MARKS = (b"__tablename__", b"Table(", b"table=True")
"""What a source that defines a table holds; only such a source is parsed."""


class Unimported(msgspec.Struct, frozen=True):
    """A module that defines tables and is not among those imported."""

    module: str
    path: Path
    tables: tuple[str, ...]


def find(modules: Iterable[str], *, ignore: Iterable[str] = ()) -> tuple[Unimported, ...]:
    """Scan the packages that `modules` are in, once they are imported; `ignore` are patterns of modules to leave."""
    left_alone = tuple(ignore)
    packages = sorted({_package(name) for name in modules} - {""})
    return tuple(
        Unimported(module, path, tables)
        for package in packages
        for module, path in _sources(package)
        if module not in sys.modules
        and not any(fnmatchcase(module, pattern) for pattern in left_alone)
        and (tables := tuple(_tables(path)))
    )


def refuse(found: tuple[Unimported, ...]) -> None:
    """Raise ConfigError that names each module and its tables, if there are any."""
    if found:
        listed = "; ".join(f"{each.module} ({', '.join(each.tables)})" for each in found)
        others = f'ignore = ["module:{found[0].module}"]'
        raise ConfigError(
            f"these modules define tables and are not imported by the models: {listed}",
            hint=f"import them where the models are, list them in `models`, or leave them out: {others}",
        )


def _package(module: str) -> str:
    """Return the package that a module is or is in; empty for a module that stands alone."""
    loaded = sys.modules[module]
    return module if hasattr(loaded, "__path__") else module.rpartition(".")[0]


def _sources(package: str) -> Iterator[tuple[str, Path]]:
    for folder in map(Path, sys.modules[package].__path__):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            if all(part.isidentifier() for part in parts):
                yield ".".join((package, *parts)), path


def tables_of(node: ast.AST) -> Iterator[str]:
    """Yield the name of the table that a class or a call defines, if it says it."""
    if isinstance(node, ast.ClassDef):
        yield from _mapped(node)
    elif isinstance(node, ast.Call) and _named(node.func) == "Table" and node.args:
        yield from _constant(node.args[0])


def _tables(path: Path) -> Iterator[str]:
    tree = parsed(path)
    for node in ast.walk(tree) if tree is not None else ():
        yield from tables_of(node)


def parsed(path: Path, *, surely: bool = False) -> ast.Module | None:
    """Return a source that may define tables, or does `surely`.

    None for one that does not, and one that Python cannot import either.
    """
    try:
        text = path.read_bytes()
        if not surely and not any(mark in text for mark in _MARKS):
            return None
        with warnings.catch_warnings(action="ignore"):  # what Python has to say of it, it says to who imports it
            return ast.parse(text)
    except (OSError, SyntaxError, ValueError):  # ValueError: a zero byte
        return None


def _mapped(node: ast.ClassDef) -> Iterator[str]:
    if any(k.arg == "table" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords):
        yield node.name.lower()
    for statement in node.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                targets = [target]
            case _:
                continue
        if any(isinstance(target, ast.Name) and target.id == "__tablename__" for target in targets):
            yield from _constant(value)


def _named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _constant(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
