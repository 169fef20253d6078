"""Where a difference is best shown: at the line of the models, or of the migration, that says what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from mizzle.migrations.folder import UP, Migration
from mizzle.project.differences import Difference
from mizzle.project.project import Project
from mizzle.sources import classes, mapped, models
from mizzle.sqltext import Fragment, Token, raw_name, split, tokens

NOWHERE = ("", 0)
_HEAD_ENDS = frozenset({"(", "as"})


class _Statement(NamedTuple):
    """A statement: its line, what its head names, with a schema where it says one, and where a name stands first."""

    line: int
    heads: frozenset[tuple[str, ...]]
    lines: Mapping[str, int]


class Places:
    """Looks for the places of differences in a project: each a file (a path, or `ID/up.sql`) and a line of it."""

    def __init__(self, project: Project, chain: Sequence[Migration]) -> None:
        self._project = project
        self._chain = chain
        self._said: dict[str, Mapping[str, Sequence[_Statement]]] = {}

    def in_models(self, found: Difference) -> tuple[str, int]:
        """Return where the models say it, else the newest migration that does; NOWHERE where none does."""
        return self._in_sources(found) or self._in_migrations(found) or NOWHERE

    def in_history(self, found: Difference) -> tuple[str, int]:
        """Return where the newest migration that says it does, else the models; NOWHERE where none does."""
        return self._in_migrations(found) or self._in_sources(found) or NOWHERE

    def _in_sources(self, found: Difference) -> tuple[str, int] | None:
        if not self._project.config.has_sources:
            return None
        place = self._classes.place(found.relation, found.parts)
        if place is not None:
            return str(place[0]), place[1]
        sources, root = self._project.sources, self._project.config.root
        return self._best(((str(root / name), text) for name, text in (*sources.before, *sources.files)), found)

    def _in_migrations(self, found: Difference) -> tuple[str, int] | None:
        return self._best(((f"{each.id}/{UP}", each.up_sql) for each in reversed(self._chain)), found)

    @cached_property
    def _classes(self) -> classes.Classes:
        config = self._project.config
        named = [models.module_of(each) for each in config.models if ":" in each]
        files = [file for module in named for file in classes.files(module, config.root)]
        return classes.Classes(mapped.read(self._project.sources.ddl), files)

    def _best(self, texts: Iterable[tuple[str, str]], found: Difference) -> tuple[str, int] | None:
        """Return the first place that names a part of it, in a statement about it; else the first such statement."""
        whole: tuple[str, int] | None = None
        for file, text in texts:
            for statement in self._about(file, text, found.relation):
                line = _line(statement, found.parts)
                if line is not None:
                    return file, line
                whole = whole or (file, statement.line)
        return whole

    def _about(self, file: str, text: str, relation: tuple[str, ...]) -> Iterator[_Statement]:
        """Yield the statements that name the relation at their head, by its schema or without one.

        A text is taken apart once, and not before it may have what is looked for: there may be many of both.
        """
        name = relation[-1]
        if file not in self._said and (name in text or name in text.lower()):
            self._said[file] = _by_name(text)
        for statement in self._said.get(file, {}).get(name, ()):
            if len(relation) == 1 or not statement.heads.isdisjoint({relation, (name,)}):
                yield statement


def _by_name(text: str) -> Mapping[str, Sequence[_Statement]]:
    """Return the statements of a text by each name at their heads."""
    found = defaultdict[str, list[_Statement]](list)
    for each in split(text):
        words = [word for word in tokens(each.sql) if word.significant]
        statement = _Statement(each.line, frozenset(_heads(words)), _lines(each, words))
        for name in {head[-1] for head in statement.heads}:
            found[name].append(statement)
    return found


def _heads(words: Sequence[Token]) -> Iterator[tuple[str, ...]]:
    """Yield the names at a statement's head, before any parenthesis."""
    for number, word in enumerate(words):
        if word.text.lower() in _HEAD_ENDS:
            return
        name = _name(word)
        if name is not None:
            schema = _name(words[number - 2]) if number > 1 and words[number - 1].text == "." else None
            yield (name,) if schema is None else (schema, name)


def _lines(statement: Fragment, words: Sequence[Token]) -> Mapping[str, int]:
    """Return the line of each name in a statement, where it stands first."""
    found: dict[str, int] = {}
    line, at = statement.line, 0
    for word in words:
        line, at = line + statement.sql.count("\n", at, word.offset), word.offset
        name = _name(word)
        if name is not None:
            found.setdefault(name, line)
    return found


def _line(statement: _Statement, parts: Sequence[str]) -> int | None:
    """Return the line of the first of `parts` that the statement names; its own where there are none to look for."""
    if not parts:
        return statement.line
    return next((statement.lines[part] for part in parts if part in statement.lines), None)


def _name(word: Token) -> str | None:
    return raw_name(word) if word.kind in {"name", "quoted"} else None
