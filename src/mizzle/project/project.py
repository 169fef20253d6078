"""A project as the use cases see it: its configuration, sources, migrations, scratch server and database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from mizzle.catalog.version import READER_VERSION
from mizzle.errors import ConfigError, DatabaseError, ScratchError
from mizzle.migrations import folder as folders
from mizzle.migrations import kept
from mizzle.migrations.folder import Folder, Migration
from mizzle.project import config as configs
from mizzle.project.config import Config
from mizzle.runner.scope import Scope

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from mizzle.planning.steps import Step
    from mizzle.project.sources import Reader, Sources
    from mizzle.prove import Scratch
    from mizzle.server.embedded import ScratchCluster

Progress = Callable[[str], None]


_SMALL = 400_000
"""Bytes of DDL that cannot need more locks in one transaction than a small scratch server has (8,000)."""


def silent(_: str) -> None:
    """Show nothing."""


@dataclass
class Project:
    """One project; `Project.load()` finds the nearest configuration.

    `embedded`: use the project's own embedded PostgreSQL instead of its URL; `tenant`: the one schema that is worked
    on, where the project keeps one for each tenant; `allow` are hazards that may be written though the configuration
    forbids them. `progress` is told of long work, a line at
    a time, `note` of what a person should know.
    """

    config: Config
    embedded: bool = False
    tenant: str = ""
    allow: tuple[str, ...] = ()
    progress: Progress = field(default=silent, repr=False)
    note: Progress = field(default=silent, repr=False)
    _cluster: ScratchCluster | None = field(default=None, init=False, repr=False)

    @classmethod
    def load(  # noqa: PLR0913 - one keyword for each option
        cls,
        start: Path | str | None = None,
        *,
        config: Path | str | None = None,
        url: str | None = None,
        embedded: bool = False,
        tenant: str = "",
        progress: Progress = silent,
        note: Progress = silent,
    ) -> Project:
        """Find and read the configuration that counts in the folder `start` (the current one).

        Raises ConfigError where there is none or it is wrong, and for both a URL and `embedded`.
        """
        if embedded and url is not None:
            raise ConfigError("two databases are given: --url and --embedded", hint="use one of them")
        path = configs.find(Path(start or ".").resolve(), explicit=None if config is None else Path(config).resolve())
        return cls(configs.load(path, url=url), embedded=embedded, tenant=tenant, progress=progress, note=note)

    def folder(self, *, anew: bool = False) -> Folder:
        """Read the migrations folder, with everything that is wrong in it.

        A migration whose files were not touched since an earlier command read them is taken as it was, unless `anew`.
        """
        path = self.config.migrations_folder
        return folders.load(path) if anew else kept.read(path)

    def chain(self) -> tuple[Migration, ...]:
        """Return the migrations from first to last. Raises HistoryError where the folder is not whole and linear."""
        return self.folder().chain()

    def chain_so_far(self) -> tuple[Migration, ...]:
        """Return the migrations as chain() does; none where the folder is not there yet: the first one makes it."""
        return self.chain() if self.config.migrations_folder.exists() else ()

    @property
    def sources(self) -> Sources:
        """The models imported and compiled, the SQL files read.

        Raises ConfigError and ImportFailed, naming what is wrong; also for a module that defines tables and is not
        imported by the models.
        """
        if self._reader.done:
            return self._reader.sources
        self.progress("reading the models")
        found = self._reader.sources
        for each in found.skipped:
            self.note(each)
        return found

    def read_ahead(self, *, anew: bool = False) -> bool:
        """Begin to read the models in a process of their own; say whether there is something to do meanwhile.

        What an earlier command has read is taken while it holds, unless `anew`. For a program of one thread that ends
        with its command: in any other, `sources` imports the models where it is asked.
        """
        return self._reader.begin(anew=anew)

    @property
    def waits_for_models(self) -> bool:
        """Whether the models are being read in another process: there is time for something else."""
        return self._reader.begun

    def close(self) -> None:
        """End what read_ahead() and start_scratch() began and nobody has used."""
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.stop()
        if "_reader" in self.__dict__:
            self._reader.close()

    @property
    def scope(self) -> Scope:
        """What sessions on the project's database are confined to.

        Raises ConfigError where the project keeps one schema per tenant and none is named, or the other way round.
        """
        if self.config.per_schema and not self.tenant:
            raise ConfigError(
                "this project keeps one schema per tenant (per_schema), and none is named",
                hint="name one: --tenant NAME; migrate and status take all that a list names: --fleet",
            )
        if self.tenant and not self.config.per_schema:
            raise ConfigError(
                f"tenant {self.tenant} is named, and this project keeps no schema per tenant",
                hint="set per_schema = true, or take --tenant out",
            )
        return Scope(self.tenant, self.config.role)

    @cached_property
    def _reader(self) -> Reader:
        from mizzle.project.sources import Reader  # noqa: PLC0415 - production has no sources

        return Reader(self.config, self.target)

    @property
    def target(self) -> int:
        """The oldest major version that migrations must run on."""
        return self.config.postgres or configs.NEWEST

    def key(self, chain: Iterable[tuple[str, str, str]]) -> str:
        """Return what says that nothing changed: a hash over the sources and all that their catalog depends on.

        `chain` is (id, checksum of up.sql, checksum of down.sql) of each migration. The DDL is sorted: SQLAlchemy keeps
        the indexes of a table in a set. What a table's class is called does not count.
        """
        from mizzle.sources import mapped  # noqa: PLC0415 - not needed to migrate

        said = [
            READER_VERSION,
            self.target,
            self._server_identity,
            sorted(mapped.without(self.sources.ddl)),
            self.sources.files,
            *([self.sources.before] if self.sources.before else []),
            self.config.schemas,
            self.config.ignore,
            self.config.manage,
            self.config.per_schema,
            list(chain),
        ]
        return _digest(said)

    def proof_keys(self, chain: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
        """Return, for each migration, what a proof up to and with it depends on: files, their reader, the server."""
        key = _digest([READER_VERSION, self._server_identity, self.config.manage, self.config.per_schema])
        return tuple(accumulate(chain, lambda before, each: _digest([before, *each]), initial=key))[1:]

    def wanted(self, server: Scratch) -> Catalog:
        """Return the catalog that the sources declare, as far as the project manages it."""
        from mizzle.server import loading  # noqa: PLC0415 - not needed to migrate

        catalog = loading.load_sources(server, self.sources.ddl, self.sources.files, before=self.sources.before)
        return self.managed(catalog)

    def managed(self, catalog: Catalog) -> Catalog:
        """Return the part of a source's `catalog` that is not ignored.

        Raises ConfigError where the source declares something in a schema that the project does not manage.
        """
        outside = [where for where in catalog.addresses() if where.schema not in {"", *self.config.schemas}]
        if outside:
            found = sorted({where.schema for where in outside})
            listed = ", ".join(f'"{each}"' for each in (*self.config.schemas, *found))
            raise ConfigError(
                f"{min(outside)} is declared in a schema that this project does not manage",
                hint=f"set schemas = [{listed}]",
            )
        return self.own(catalog)

    def own(self, catalog: Catalog, *, tenant: str = "") -> Catalog:
        """Return the part of `catalog` that lies in the project's schemas, or in a tenant's, and is not ignored."""
        from mizzle.project import ignore  # noqa: PLC0415 - not needed to migrate

        schemas, patterns = self.config.schemas, self.config.ignore
        if tenant:
            schemas = (tenant,)
            patterns = tuple(each.replace(f"{configs.TEMPLATE}.", f"{tenant}.", 1) for each in patterns)
        return ignore.apply(ignore.only_schemas(catalog, schemas), patterns)

    def written(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Return a plan's steps as the project's migrations have them: for a tenant without its schema."""
        if not self.config.per_schema:
            return steps
        from mizzle.planning.tenants import unqualified  # noqa: PLC0415 - not needed to migrate

        return unqualified(steps, configs.TEMPLATE)

    @contextmanager
    def scratch(self) -> Generator[Scratch]:
        """Give the scratch server: the embedded one, or that of the setting."""
        url = self.config.scratch_url()
        if url is not None:
            from mizzle.prove import Scratch  # noqa: PLC0415 - not needed to migrate

            with Scratch(reachable(url), private=False, also=self.config.manage) as server:
                server.tenants = self.config.per_schema
                yield server
            return
        self.start_scratch()
        cluster, self._cluster = self._cluster, None
        assert cluster is not None
        with cluster:
            from mizzle.prove import Scratch  # noqa: PLC0415 - while the server starts

            major = cluster.binaries.major
            with Scratch(
                cluster.conninfo, private=True, major=major, ready=cluster.wait, also=self.config.manage
            ) as server:
                server.tenants = self.config.per_schema
                yield server

    @contextmanager
    def scratch_if_needed(self) -> Generator[Callable[[], Scratch]]:
        """Give what gives the scratch server: the first call starts it."""
        with ExitStack() as stack:
            yield cache(lambda: stack.enter_context(self.scratch()))

    def start_scratch(self) -> None:
        """Start the embedded scratch server, if that is the one: whoever uses scratch() next need not wait for it."""
        if self._cluster is None and self.config.scratch_url() is None:
            from mizzle.server import embedded  # noqa: PLC0415 - not needed to migrate

            tables = 1_000 if self._is_small else 10_000
            self._cluster = embedded.launch_scratch(progress=self.progress, tables=tables)

    @property
    def _is_small(self) -> bool:
        """Whether all DDL that may run in one transaction is known, and little."""
        if not self._reader.done:
            return False
        return (
            self.sources.size + sum(path.stat().st_size for path in self.config.migrations_folder.glob("*/up.sql"))
            < _SMALL
        )

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


def stamps(chain: Sequence[Migration]) -> list[tuple[str, str, str]]:
    """Return what Project.key() takes."""
    return [(m.id, m.up_checksum, m.down_checksum) for m in chain]


def _digest(said: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
