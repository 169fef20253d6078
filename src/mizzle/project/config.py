"""`[tool.mizzle]` of the nearest pyproject.toml, or mizzle.toml. Flags win over the environment, it over the file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from mizzle.errors import ConfigError, Unsupported

NAMES = ("pyproject.toml", "mizzle.toml")
OLDEST, NEWEST = 14, 18
_DEFAULT_URL = "env:DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Config:
    """What a project says of itself; `root` is the folder that its paths are relative to.

    `postgres` is the oldest major version that migrations must run on (None: the scratch server's).
    """

    root: Path
    models: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    migrations: str = "migrations"
    dialect: str = "postgresql"
    postgres: int | None = None
    url: str = _DEFAULT_URL
    schemas: tuple[str, ...] = ("public",)
    ignore: tuple[str, ...] = ()
    scratch: str = "embedded"
    history: str = "mizzle"
    production: bool = False
    flag_url: str | None = field(default=None, repr=False)

    @property
    def migrations_folder(self) -> Path:
        """The migrations folder."""
        return self.root / self.migrations

    def database_url(self) -> str:
        """Return the database's URL: the flag, the environment (a .env beside the file helps), the file.

        Raises ConfigError where there is none.
        """
        if self.flag_url:
            return self.flag_url
        if not self.url.startswith("env:"):
            return self.url
        name = self.url.removeprefix("env:")
        found = os.environ.get(name) or _dotenv(self.root).get(name)
        if not found:
            raise ConfigError(
                f"no database: {name} is not set",
                hint=f"set {name} (in the environment or in {self.root / '.env'}), or use --url or --embedded",
            )
        return found

    def scratch_url(self) -> str | None:
        """Return the URL of the scratch server, None for the embedded one."""
        found = os.environ.get("MIZZLE_SCRATCH_URL") or self.scratch
        return None if found == "embedded" else found


def find(start: Path, *, explicit: Path | None = None) -> Path:
    """Return the configuration file that counts in `start`, the nearest above it. Raises ConfigError without one."""
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(
                f"no such configuration file: {explicit}", hint="--config names a pyproject.toml or mizzle.toml"
            )
        return explicit
    for folder in (start, *start.parents):
        for name in reversed(NAMES):
            path = folder / name
            if path.is_file() and (name != NAMES[0] or _section(path) is not None):
                return path
    raise ConfigError(
        f"no [tool.mizzle] in a pyproject.toml, and no mizzle.toml, in {start} or above",
        hint="`mizzle init` writes one; -C DIR runs as if started elsewhere",
    )


def load(path: Path, *, url: str | None = None) -> Config:
    """Read a configuration file. Raises ConfigError for an unknown setting or a value of the wrong kind."""
    section = _section(path)
    if section is None:
        raise ConfigError(f"{path} has no [tool.mizzle]", hint="`mizzle init` writes one")
    known = [f.name for f in fields(Config) if f.name not in {"root", "flag_url"}]
    for name in section:
        if name == "per_schema":
            raise Unsupported(
                "per_schema (one schema per tenant) is not built yet", hint="take it out", objects=(name,)
            )
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it knows {', '.join(known)}"
            raise ConfigError(f"{path}: unknown setting {name}", hint=hint)
    return _checked(Config(root=path.parent, flag_url=url, **_values(path, section)), path)


def _section(path: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="correct it there") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}", hint="check its permissions and encoding") from error
    if path.name == "mizzle.toml":
        return document.get("tool", {}).get("mizzle", document)
    return document.get("tool", {}).get("mizzle")


def _values(path: Path, section: Mapping[str, Any]) -> dict[str, Any]:
    kinds: dict[str, type] = {"postgres": int, "production": bool}
    lists = {"models", "sql", "schemas", "ignore"}
    values: dict[str, Any] = {}
    for name, value in section.items():
        if name in lists:
            listed = [value] if isinstance(value, str) else value
            if not isinstance(listed, list) or not all(isinstance(item, str) for item in cast("list[object]", listed)):
                raise ConfigError(f"{path}: {name} is a text or a list of texts", hint=f'such as {name} = ["…"]')
            values[name] = tuple(cast("list[str]", listed))
        elif type(value) is not kinds.get(name, str):
            raise ConfigError(
                f"{path}: {name} is a {kinds.get(name, str).__name__}, not {value!r}", hint="correct it there"
            )
        else:
            values[name] = value
    return values


def _checked(config: Config, path: Path) -> Config:
    if config.dialect != "postgresql":
        raise ConfigError(f"{path}: dialect {config.dialect} is not supported", hint='the one dialect is "postgresql"')
    if config.postgres is not None and not OLDEST <= config.postgres <= NEWEST:
        raise ConfigError(
            f"{path}: postgres = {config.postgres} is not known", hint=f"name a major from {OLDEST} to {NEWEST}"
        )
    if not config.schemas:
        raise ConfigError(f"{path}: schemas is empty", hint='name what this project manages: schemas = ["public"]')
    for name in ("url", "scratch"):
        value: str = getattr(config, name)
        if "://" in value and urlsplit(value).password:
            raise ConfigError(
                f"{path}: {name} holds a password", hint=f'keep it out of the file: {name} = "env:DATABASE_URL"'
            )
    return config


def _dotenv(root: Path) -> Mapping[str, str | None]:
    path = root / ".env"
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - most runs have no .env

    return dotenv_values(path)
