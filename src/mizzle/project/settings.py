"""What a project says of itself: the settings of `[tool.mizzle]`, each with what it means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from mizzle.errors import ConfigError
from mizzle.project import environment

ENVIRONMENT = "env:"
EMBEDDED = "embedded"
SETTINGS_APART = frozenset({"root", "flag_url"})
"""The fields of Config that no file says."""
WITHOUT_VARIABLE = frozenset({"url", "scratch", "accept", "lint"})
"""The settings for which no variable of their name stands: tables, and URLs, which have variables of their own."""
_UNITS = {"kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


class Lint(msgspec.Struct, frozen=True):
    """What `check` leaves out of hand-written SQL: migrations up to `since`, and rules."""

    since: str = ""
    ignore: tuple[str, ...] = ()


class Config(msgspec.Struct, frozen=True):
    """What a project says of itself: what each setting means stands beside it, for docs/configuration.md, too.

    `root` is the folder that paths are relative to, `flag_url` the database that --url or MIZZLE_URL names.
    """

    root: Path
    models: Annotated[
        tuple[str, ...],
        Meta(
            description="where the models are: `MODULE:ATTR` of a declarative base, a registry, a `MetaData`, or a "
            "function without arguments that returns one; or an SQL file, or a folder of them; or a list "
            "of all these, of which the SQL that is named ahead of the first module is loaded before the "
            "modules, for what they need"
        ),
    ] = ()
    sql: Annotated[
        tuple[str, ...],
        Meta(description="SQL files and folders for what models cannot say; they are loaded after the models"),
    ] = ()
    migrations: Annotated[str, Meta(description="the migrations folder")] = "migrations"
    dialect: Annotated[str, Meta(description="the one dialect there is")] = "postgresql"
    postgres: Annotated[
        int | None,
        Meta(
            description="the oldest major version that the migrations must run on, 14 to 18: the models' DDL and the "
            "plans are made for it; without it the newest"
        ),
    ] = None
    url: Annotated[
        str, Meta(description="the database: `env:` and the name of a variable, or a URL without a password")
    ] = "env:DATABASE_URL"
    schemas: Annotated[
        tuple[str, ...], Meta(description="what this project manages; no other schema is ever touched")
    ] = ("public",)
    ignore: Annotated[
        tuple[str, ...],
        Meta(
            description="what it leaves alone there, each `KIND:PATTERN`: `table:celery_*`, `index:public.tmp_*`, "
            "`view:*`; also `module:app.legacy`, a module that need not be imported by the models"
        ),
    ] = ()
    manage: Annotated[
        tuple[str, ...],
        Meta(description="what is compared besides objects: `grants`, `owners`, `default privileges` (kinds.md#roles)"),
    ] = ()
    scratch: Annotated[
        str,
        Meta(
            description="the throw-away PostgreSQL: the embedded one, or the URL of a server where databases may be "
            "made and dropped, for an extension that the wheel lacks"
        ),
    ] = EMBEDDED
    history: Annotated[str, Meta(description="the schema of the history in the database (history.md)")] = "mizzle"
    role: Annotated[
        str,
        Meta(
            description="the role that sessions on the project's database take by `SET ROLE`, and so the owner of "
            "what migrations make; the role of the URL has to be a member of it; without it, that role "
            "itself"
        ),
    ] = ""
    per_schema: Annotated[
        bool, Meta(description="`true`: one schema per tenant (tenants.md); in the models it is `public`")
    ] = False
    fleet: Annotated[
        str,
        Meta(
            description="the many databases or tenants that `--fleet` means: a file, or a query "
            "(tenants.md#many-databases)"
        ),
    ] = ""
    tenants: Annotated[
        str,
        Meta(
            description="the table of tenants, such as `public.tenants`: studio shows the rows of one "
            "(studio.md#one-tenant-at-a-time), `advise` looks at what belongs to them (advise.md)"
        ),
    ] = ""
    accept: Annotated[
        tuple[tuple[str, str], ...],
        Meta(
            description="findings of `advise` that are so on purpose, `kind subject`, each with the reason "
            "(advise.md#answers)"
        ),
    ] = ()
    lint: Annotated[
        Lint,
        Meta(
            description="what `check` leaves out of hand-written SQL (lint.md#answers): `since`, the id of the last "
            "migration that is not looked at, and `ignore`, a list of rules"
        ),
    ] = Lint()
    forbid: Annotated[
        tuple[str, ...],
        Meta(
            description='hazards that no migration may have (hazards.md), such as `["TABLE_REWRITE", '
            '"BREAKS_OLD_CODE"]`: `generate` and `advise --write` then write nothing and exit 1; '
            "`--allow CODE` allows one for once"
        ),
    ] = ()
    small: Annotated[
        str,
        Meta(
            description="up to this size, without indexes, a table is changed in the plain way, in one transaction, "
            "where the size is known: by `push`, and `diff` from a database (online.md#small-tables); "
            "`0` for none"
        ),
    ] = "8MB"
    production: Annotated[bool, Meta(description="`true` refuses `push`")] = False
    flag_url: str | None = None

    def __repr__(self) -> str:
        return f"Config(root={self.root!r})"  # a URL may hold a password

    @property
    def migrations_folder(self) -> Path:
        """The migrations folder."""
        return self.root / self.migrations

    @property
    def has_sources(self) -> bool:
        """Whether models or SQL are named."""
        return bool(self.models or self.sql)

    def database_url(self) -> str:
        """Return the database's URL: the flag, the environment (a .env beside the file helps), the file.

        Raises ConfigError where there is none.
        """
        if self.flag_url is not None:
            return self.flag_url
        if not self.url.startswith(ENVIRONMENT):
            return self.url
        name = self.url.removeprefix(ENVIRONMENT)
        found = environment.find(self.root, name)
        if not found:
            unread = environment.unread(self.root)
            more = f", and line {unread} of .env cannot be read" if unread else ""
            raise ConfigError(
                f"no database: {name} is not set{more}",
                hint=f"set {name} (in the environment or in {self.root / '.env'}), or use --url or --embedded",
            )
        return found

    @property
    def small_bytes(self) -> int:
        """The `small` setting as a number of bytes."""
        return size(self.small) or 0

    def scratch_url(self) -> str | None:
        """Return the URL of the scratch server, None for the embedded one."""
        found = os.environ.get("MIZZLE_SCRATCH_URL") or self.scratch
        return None if found == EMBEDDED else found


def size(text: str) -> int | None:
    """Read a size: a whole number and a unit, or 0 without one; None for anything else."""
    number = text.rstrip("BGMTk").strip()
    unit = text[len(text.rstrip("BGMTk")) :]
    if not (number.isascii() and number.isdigit()) or (unit not in _UNITS and int(number)):
        return None
    return int(number) * _UNITS.get(unit, 1)
