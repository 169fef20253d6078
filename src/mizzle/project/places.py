"""Where a difference is best shown: at the line of the models, or of the migration, that says what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from mizzle.migrations.folder import UP, Migration
from mizzle.project.differences import Difference
from mizzle.project.project import Project
from mizzle.sources import classes, mapped, models
from mizzle.sqltext import Fragment, Token, raw_name, split, tokens

NOWHERE = ("", 0)
_HEAD_ENDS = frozenset({"(", "as"})


class Places:
    """Looks for the places of differences in a project: each a file (a path, or `ID/up.sql`) and a line of it."""

    def __init__(self, project: Project, chain: Sequence[Migration]) -> None:
        self._project = project
        self._chain = chain

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
        return _best(((str(root / name), text) for name, text in (*sources.before, *sources.files)), found)

    def _in_migrations(self, found: Difference) -> tuple[str, int] | None:
        return _best(((f"{each.id}/{UP}", each.up_sql) for each in reversed(self._chain)), found)

    @cached_property
    def _classes(self) -> classes.Classes:
        config = self._project.config
        named = [models.module_of(each) for each in config.models if ":" in each]
        files = [file for module in named for file in classes.files(module, config.root)]
        return classes.Classes(mapped.read(self._project.sources.ddl), files)


def _best(texts: Iterator[tuple[str, str]], found: Difference) -> tuple[str, int] | None:
    """Return the first place that names a part of it, in a statement about its relation; else the first statement."""
    whole: tuple[str, int] | None = None
    for file, text in texts:
        for statement in split(text) if found.relation[-1] in text.lower() + text else ():
            words = [each for each in tokens(statement.sql) if each.significant]
            if not _is_about(words, found.relation):
                continue
            line = _line(statement, words, found.parts)
            if line is not None:
                return file, line
            whole = whole or (file, statement.line)
    return whole


def _is_about(words: Sequence[Token], relation: tuple[str, ...]) -> bool:
    """Say whether a statement names the relation at its head, before any parenthesis, by any schema or by its own."""
    for number, word in enumerate(words):
        if word.text.lower() in _HEAD_ENDS:
            return False
        if _name(word) == relation[-1]:
            qualified = number > 1 and words[number - 1].text == "."
            if not qualified or len(relation) == 1 or _name(words[number - 2]) == relation[0]:
                return True
    return False


def _line(statement: Fragment, words: Sequence[Token], parts: Sequence[str]) -> int | None:
    """Return the line of the first of `parts` that the statement names; its own where there are none to look for."""
    if not parts:
        return statement.line
    for part in parts:
        offset = next((word.offset for word in words if _name(word) == part), None)
        if offset is not None:
            return statement.line + statement.sql.count("\n", 0, offset)
    return None


def _name(word: Token) -> str | None:
    return raw_name(word) if word.kind in {"name", "quoted"} else None
