"""Where in the sources a table is defined: the line of its class, or of a part of it; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mizzle import names
from mizzle.sources import unimported
from mizzle.sources.mapped import Mapped

Definition = ast.ClassDef | ast.Call


class Classes:
    """What defines the tables: the classes that are `mapped`, and what else `files` of Python hold."""

    def __init__(self, mapped: Iterable[Mapped], files: Iterable[Path]) -> None:
        self._mapped = tuple(mapped)
        self._files = tuple(dict.fromkeys([*(Path(each.file) for each in self._mapped if each.file), *files]))
        self._trees: dict[Path, ast.Module | None] = {}

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
        for mapped in self._mapped:
            if mapped.table == names.dotted(*table) and mapped.file:
                for node in self._walk(Path(mapped.file)):
                    if isinstance(node, ast.ClassDef) and node.name == mapped.name:
                        yield Path(mapped.file), node
        for path in self._files:
            for node in self._walk(path):
                if isinstance(node, Definition) and table[-1] in unimported.tables_of(node):
                    yield path, node

    def _walk(self, path: Path) -> Iterator[ast.AST]:
        if path not in self._trees:
            surely = any(each.file == str(path) for each in self._mapped)
            self._trees[path] = unimported.parsed(path, surely=surely)
        tree = self._trees[path]
        return iter(()) if tree is None else ast.walk(tree)


def files(module: str, root: Path) -> tuple[Path, ...]:
    """Return the sources of a module beside `root` (or in its `src`), those beside it, and those in its package."""
    for base in (root / "src", root):
        place = base.joinpath(*module.split("."))
        if place.is_dir():
            return tuple(sorted(place.rglob("*.py")))
        if place.with_suffix(".py").is_file():
            return tuple(sorted(place.parent.glob("*.py") if place.parent == base else place.parent.rglob("*.py")))
    return ()


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
