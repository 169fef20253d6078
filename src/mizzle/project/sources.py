"""What a project declares: its models, imported and compiled, and its SQL files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mizzle.errors import ConfigError
from mizzle.project import patterns
from mizzle.project.config import Config

if TYPE_CHECKING:
    from mizzle.sources.apart import Apart
    from mizzle.sources.reading import Request


class Sources(msgspec.Struct, frozen=True):
    """The wanted schema as DDL: the SQL files that come `before`, statements of the models, then the other files.

    `skipped` says what of the files is no schema, a line for each.
    """

    ddl: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is declared at all."""
        return not self.ddl and not self.files and not self.before

    @property
    def size(self) -> int:
        """How many characters all of it has."""
        return sum(map(len, self.ddl)) + sum(len(text) for _, text in (*self.before, *self.files))

    @property
    def tables(self) -> int:
        """How many tables the models define, those of SQL files not counted."""
        words = (statement.split(maxsplit=3)[:3] for statement in self.ddl)
        return sum(each[0] == "CREATE" and "TABLE" in each[1:] for each in words)


class Reader:
    """Reads the sources of a project once, for PostgreSQL `major`: where it is asked, or ahead in another process."""

    def __init__(self, config: Config, major: int) -> None:
        self._config = config
        self._major = major
        self._kept: tuple[str, ...] | None = None
        self._apart: Apart | None = None

    @cached_property
    def sources(self) -> Sources:
        """What is declared; raises as Project.sources does."""
        # Imported here: production has no sources.
        from mizzle.sources import files  # noqa: PLC0415

        root = self._config.root
        ddl = self._models()
        early, late = _scripts(root, self._config.models)
        read = files.read(root / spec for spec in (*early, *late, *self._config.sql))
        first = {file.path for file in files.read(root / spec for spec in early)}
        named = [(os.path.relpath(file.path, root), file) for file in read]
        return Sources(
            ddl,
            tuple((name, file.text) for name, file in named if file.path not in first),
            tuple(files.skipped(name, file) for name, file in named if file.skipped),
            tuple((name, file.text) for name, file in named if file.path in first),
        )

    def begin(self, *, anew: bool) -> bool:
        """Begin to read the models in another process, unless an earlier reading can be taken and `anew` is not said.

        Say whether it has begun.
        """
        from mizzle.sources import apart, kept  # noqa: PLC0415 - production has no sources

        request = self._request()
        if not request.specs or not apart.possible():
            return False
        place = kept.place(request)
        self._kept = None if anew or place is None else kept.find(place)
        if self._kept is None:
            self._apart = apart.Apart(request, place)
        return self._apart is not None

    @property
    def begun(self) -> bool:
        """Whether the models are being read in another process, and nobody has waited for them."""
        return self._apart is not None and not self.done

    @property
    def done(self) -> bool:
        """Whether the sources have been read."""
        return "sources" in self.__dict__

    def close(self) -> None:
        """End what was begun and nobody has used."""
        reading, self._apart = self._apart, None
        if reading is not None:
            reading.end()

    def _models(self) -> tuple[str, ...]:
        from mizzle.sources import reading  # noqa: PLC0415 - production has no sources

        request = self._request()
        if self._kept is not None:
            return self._kept
        if self._apart is not None:
            return self._apart.result()
        return reading.read(request) if request.specs else ()

    def _request(self) -> Request:
        from mizzle.sources.reading import Request  # noqa: PLC0415 - production has no sources

        config = self._config
        if not config.has_sources:
            raise ConfigError("no models are configured", hint='set models = "package.module:Base" in [tool.mizzle]')
        specs = tuple(spec for spec in config.models if not _is_sql(config.root, spec))
        return Request(specs, str(config.root), self._major, patterns.modules(config.ignore))


def _scripts(root: Path, specs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the SQL among the models' sources: what is named ahead of the first module, and all other."""
    place = next((place for place, spec in enumerate(specs) if not _is_sql(root, spec)), 0)
    late = [spec for spec in specs[place:] if _is_sql(root, spec)]
    return list(specs[:place]), late


def _is_sql(root: Path, spec: str) -> bool:
    """Say whether a source is a file or a folder of SQL, not a module's attribute."""
    return spec.endswith(".sql") or (":" not in spec and ("/" in spec or (root / spec).is_dir()))
