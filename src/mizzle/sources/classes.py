"""Where in the sources a table is defined: the line of its class, or of a part of it; nothing is imported."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mizzle import names
from mizzle.sources import unimported
from mizzle.sources.mapped import Mapped

Definition = ast.ClassDef | ast.Call


class _Source(NamedTuple):
    """What a file of Python defines: its classes by their names, and what looks as if it defined a table, by that."""

    classes: Mapping[str, Sequence[Definition]]
    tables: Mapping[str, Sequence[Definition]]


class Classes:
    """What defines the tables: the classes that are `mapped`, and what else `files` of Python hold."""

    def __init__(self, mapped: Iterable[Mapped], files: Iterable[Path]) -> None:
        self._mapped = defaultdict[str, list[Mapped]](list)
        for each in mapped:
            self._mapped[each.table] += [each] if each.file else []
        self._sure = {Path(each.file) for several in self._mapped.values() for each in several}
        self._files = tuple(dict.fromkeys([*sorted(self._sure), *files]))
        self._sources: dict[Path, _Source] = {}

    def place(self, table: tuple[str, ...], parts: Sequence[str]) -> tuple[Path, int] | None:
        """Return file and line of the first of `parts` that the table's definition names, or of the definition itself.

        `table` is schema and name, a part the name of a column, a constraint or an index. None where nothing defines
        it.
        """
        for path, definition in self._definitions(table):
            lines = (line for part in parts for line in _lines(definition, part))
            return path, next(lines, definition.lineno)
        return None

    def _definitions(self, table: tuple[str, ...]) -> Iterator[tuple[Path, Definition]]:
        """Yield the class that is mapped to it; then what looks as if it defined a table of that name."""
        for mapped in self._mapped.get(names.dotted(*table), ()):
            path = Path(mapped.file)
            yield from ((path, each) for each in self._source(path).classes.get(mapped.name, ()))
        for path in self._files:
            yield from ((path, each) for each in self._source(path).tables.get(table[-1], ()))

    def _source(self, path: Path) -> _Source:
        """Return what a file defines; it is read once, for a schema may differ in many tables."""
        if path not in self._sources:
            self._sources[path] = _read(path, surely=path in self._sure)
        return self._sources[path]


def files(module: str, root: Path) -> tuple[Path, ...]:
    """Return the sources of a module beside `root` (or in its `src`), those beside it, and those in its package."""
    for base in (root / "src", root):
        place = base.joinpath(*module.split("."))
        if place.is_dir():
            return tuple(sorted(place.rglob("*.py")))
        if place.with_suffix(".py").is_file():
            return tuple(sorted(place.parent.glob("*.py") if place.parent == base else place.parent.rglob("*.py")))
    return ()


def _read(path: Path, *, surely: bool) -> _Source:
    tree = unimported.parsed(path, surely=surely)
    classes, tables = defaultdict[str, list[Definition]](list), defaultdict[str, list[Definition]](list)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef):
            classes[node.name].append(node)
        if isinstance(node, Definition):
            for table in unimported.tables_of(node):
                tables[table].append(node)
    return _Source(classes, tables)


def _lines(definition: Definition, part: str) -> Iterator[int]:
    """Yield where an attribute of that name is set, or the name stands as text."""
    for node in ast.walk(definition):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]) if name == part:
                yield node.lineno
            case ast.Constant(value=value) if value == part:
                yield node.lineno
            case _:
                pass
