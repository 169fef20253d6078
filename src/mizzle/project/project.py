"""A project as the use cases see it: its configuration, sources, migrations, scratch server and database."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mizzle.catalog.version import READER_VERSION
from mizzle.errors import ConfigError, DatabaseError, ScratchError
from mizzle.migrations import folder as folders
from mizzle.migrations.folder import Folder, Migration
from mizzle.project import config as configs
from mizzle.project import patterns
from mizzle.project.config import Config

if TYPE_CHECKING:
    from mizzle.catalog.address import Address
    from mizzle.catalog.catalog import Catalog
    from mizzle.prove import Scratch
    from mizzle.server.embedded import ScratchCluster
    from mizzle.sources.apart import Apart
    from mizzle.sources.reading import Request

Progress = Callable[[str], None]


_SMALL = 400_000
"""Bytes of DDL that cannot need more locks in one transaction than a small scratch server has (8,000)."""


def silent(_: str) -> None:
    """Show nothing."""


class Sources(msgspec.Struct, frozen=True):
    """The wanted schema as DDL: statements of the models, then the SQL files."""

    ddl: tuple[str, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is declared at all."""
        return not self.ddl and not self.files

    @property
    def tables(self) -> int:
        """How many tables the models define, those of SQL files not counted."""
        words = (statement.split(maxsplit=3)[:3] for statement in self.ddl)
        return sum(each[0] == "CREATE" and "TABLE" in each[1:] for each in words)


@dataclass
class Project:
    """One project; `Project.load()` finds the nearest configuration.

    `embedded`: use the project's own embedded PostgreSQL instead of its URL. `progress` is told of long work, a line at
    a time.
    """

    config: Config
    embedded: bool = False
    progress: Progress = field(default=silent, repr=False)
    _cluster: ScratchCluster | None = field(default=None, init=False, repr=False)
    _kept: tuple[str, ...] | None = field(default=None, init=False, repr=False)
    _apart: Apart | None = field(default=None, init=False, repr=False)

    @classmethod
    def load(
        cls,
        start: Path | str | None = None,
        *,
        config: Path | str | None = None,
        url: str | None = None,
        embedded: bool = False,
        progress: Progress = silent,
    ) -> Project:
        """Find and read the configuration that counts in the folder `start` (the current one).

        Raises ConfigError where there is none or it is wrong, and for both a URL and `embedded`.
        """
        if embedded and url is not None:
            raise ConfigError("two databases are given: --url and --embedded", hint="use one of them")
        path = configs.find(Path(start or ".").resolve(), explicit=None if config is None else Path(config).resolve())
        return cls(configs.load(path, url=url), embedded=embedded, progress=progress)

    def folder(self) -> Folder:
        """Read the migrations folder, with everything that is wrong in it."""
        return folders.load(self.config.migrations_folder)

    def chain(self) -> tuple[Migration, ...]:
        """Return the migrations from first to last. Raises HistoryError where the folder is not whole and linear."""
        return self.folder().chain()

    def chain_so_far(self) -> tuple[Migration, ...]:
        """Return the migrations as chain() does; none where the folder is not there yet: the first one makes it."""
        return self.chain() if self.config.migrations_folder.exists() else ()

    @cached_property
    def sources(self) -> Sources:
        """The models imported and compiled, the SQL files read.

        Raises ConfigError and ImportFailed, naming what is wrong; also for a module that defines tables and is not
        imported by the models.
        """
        # Imported here: production has no sources.
        from mizzle.sources import files, reading  # noqa: PLC0415

        root, request = self.config.root, self._request()
        statements: tuple[str, ...] = ()
        self.progress("reading the models")
        if self._kept is not None:
            statements = self._kept
        elif self._apart is not None:
            statements = self._apart.result()
        elif request.specs:
            statements = reading.read(request)
        scripts = [spec for spec in self.config.models if _is_sql(root, spec)]
        read = files.read(root / spec for spec in (*scripts, *self.config.sql))
        return Sources(statements, tuple((os.path.relpath(f.path, root), f.text) for f in read))

    @property
    def has_sources(self) -> bool:
        """Whether the configuration names models or SQL."""
        return bool(self.config.models or self.config.sql)

    def read_ahead(self, *, anew: bool = False) -> bool:
        """Begin to read the models in a process of their own; say whether there is something to do meanwhile.

        A reading that was kept is taken, unless `anew`. For a program of one thread that ends with its command: in any
        other, `sources` imports the models where it is asked.
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
    def waits_for_models(self) -> bool:
        """Whether the models are being read in another process: there is time for something else."""
        return self._apart is not None and "sources" not in self.__dict__

    def close(self) -> None:
        """End what read_ahead() and start_scratch() began and nobody has used."""
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.stop()
        reading, self._apart = self._apart, None
        if reading is not None:
            reading.end()

    def _request(self) -> Request:
        from mizzle.sources.reading import Request  # noqa: PLC0415 - production has no sources

        config = self.config
        if not self.has_sources:
            raise ConfigError("no models are configured", hint='set models = "package.module:Base" in [tool.mizzle]')
        specs = tuple(spec for spec in config.models if not _is_sql(config.root, spec))
        return Request(specs, str(config.root), self.target, patterns.modules(config.ignore))

    @property
    def target(self) -> int:
        """The oldest major version that migrations must run on."""
        return self.config.postgres or configs.NEWEST

    def key(self, chain: Iterable[tuple[str, str, str]]) -> str:
        """Return what says that nothing changed: a hash over the sources and all that their catalog depends on.

        `chain` is (id, checksum of up.sql, checksum of down.sql) of each migration. The DDL is sorted: SQLAlchemy keeps
        the indexes of a table in a set.
        """
        said = [
            READER_VERSION,
            self.target,
            self._server_identity,
            sorted(self.sources.ddl),
            self.sources.files,
            self.config.schemas,
            self.config.ignore,
            list(chain),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def proof_key(self, chain: Iterable[tuple[str, str, str]]) -> str:
        """Return what a proof of the migrations depends on: the files, the snapshots' reader, the server."""
        said = [READER_VERSION, self._server_identity, list(chain)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def wanted(self, server: Scratch) -> Catalog:
        """Return the catalog that the sources declare, as far as the project manages it."""
        from mizzle.server import loading  # noqa: PLC0415 - not needed to migrate

        catalog = loading.load_sources(server, self.sources.ddl, self.sources.files)
        return self.managed(catalog)

    def managed(self, catalog: Catalog) -> Catalog:
        """Return the part of a source's `catalog` that is not ignored.

        Raises ConfigError where the source declares something in a schema that the project does not manage.
        """
        outside = [where for where in catalog.addresses() if _schema(where) not in {"", *self.config.schemas}]
        if outside:
            listed = ", ".join(f'"{each}"' for each in (*self.config.schemas, *sorted(set(map(_schema, outside)))))
            raise ConfigError(
                f"{min(outside)} is declared in a schema that this project does not manage",
                hint=f"set schemas = [{listed}]",
            )
        return self.own(catalog)

    def own(self, catalog: Catalog) -> Catalog:
        """Return the part of `catalog` that lies in the project's schemas and is not ignored."""
        from mizzle.project import ignore  # noqa: PLC0415 - not needed to migrate

        return ignore.apply(ignore.only_schemas(catalog, self.config.schemas), self.config.ignore)

    @contextmanager
    def scratch(self) -> Generator[Scratch]:
        """Give the scratch server: the embedded one, or that of the setting."""
        url = self.config.scratch_url()
        if url is not None:
            from mizzle.prove import Scratch  # noqa: PLC0415 - not needed to migrate

            with Scratch(reachable(url), private=False) as server:
                yield server
            return
        self.start_scratch()
        cluster, self._cluster = self._cluster, None
        assert cluster is not None
        with cluster:
            from mizzle.prove import Scratch  # noqa: PLC0415 - while the server starts

            with Scratch(cluster.conninfo, private=True, major=cluster.binaries.major, ready=cluster.wait) as server:
                yield server

    def start_scratch(self) -> None:
        """Start the embedded scratch server, if that is the one: whoever uses scratch() next need not wait for it."""
        if self._cluster is None and self.config.scratch_url() is None:
            from mizzle.server import embedded  # noqa: PLC0415 - not needed to migrate

            tables = 1_000 if self._is_small else 10_000
            self._cluster = embedded.launch_scratch(progress=self.progress, tables=tables)

    @property
    def _is_small(self) -> bool:
        """Whether all DDL that may run in one transaction is known, and little."""
        if "sources" not in self.__dict__:
            return False
        size = sum(map(len, self.sources.ddl)) + sum(len(text) for _, text in self.sources.files)
        return size + sum(path.stat().st_size for path in self.config.migrations_folder.glob("*/up.sql")) < _SMALL

    @contextmanager
    def database(self) -> Generator[str]:
        """Give the URL of the project's database; with `embedded`, of its own server, started and stopped around it."""
        if not self.embedded:
            yield self.config.database_url()
            return
        from mizzle.server import embedded  # noqa: PLC0415 - not needed in production

        with embedded.launch_project(self.config.root, progress=self.progress) as cluster:
            cluster.wait()
            yield f"{cluster.conninfo} dbname=postgres"

    @cached_property
    def _server_identity(self) -> str:
        url = self.config.scratch_url()
        if url is not None:
            return hashlib.sha256(url.encode()).hexdigest()
        from mizzle.server import binaries  # noqa: PLC0415 - not needed to migrate

        return binaries.find().version


def reachable(url: str) -> str:
    """Return how libpq reaches the scratch server at `url`. Raises ScratchError where it cannot be reached."""
    # Imported here: the embedded server needs none of it.
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    from mizzle.runner.connection import connect  # noqa: PLC0415
    from mizzle.runner.url import parameters  # noqa: PLC0415

    try:
        connect(url).close()
        return make_conninfo("", **parameters(url))
    except (ConfigError, DatabaseError) as error:
        raise ScratchError(f"the scratch server: {error.message}", hint=error.hint) from error


def _schema(where: Address) -> str:
    return "" if where.kind == "extension" else where.names[0]


def stamps(chain: Sequence[Migration]) -> list[tuple[str, str, str]]:
    """Return what Project.key() takes."""
    return [(m.id, m.up_checksum, m.down_checksum) for m in chain]


def _is_sql(root: Path, spec: str) -> bool:
    """Say whether a source is a file or a folder of SQL, not a module's attribute."""
    return spec.endswith(".sql") or (":" not in spec and ("/" in spec or (root / spec).is_dir()))
