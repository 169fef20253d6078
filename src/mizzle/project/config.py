"""`[tool.mizzle]` of the nearest pyproject.toml, or mizzle.toml. Flags win over the environment, it over the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from mizzle.errors import ConfigError, Unsupported, did_you_mean
from mizzle.project import environment
from mizzle.project.settings import EMBEDDED, ENVIRONMENT, SETTINGS_APART, WITHOUT_VARIABLE, Config, Lint, size

PYPROJECT, OWN = "pyproject.toml", "mizzle.toml"
OLDEST, NEWEST = 14, 18
MANAGEABLE = ("grants", "owners", "default privileges")
"""What is compared only where the `manage` setting names it."""
TEMPLATE = "public"
"""The schema that stands for a tenant's in models and snapshots, where there is one schema per tenant."""
_NO_SECTION_HINT = "`mizzle init` writes one"


def find(start: Path, *, explicit: Path | None = None) -> Path:
    """Return the configuration file that counts in `start`, the nearest above it. Raises ConfigError without one."""
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(
                f"no such configuration file: {explicit}", hint="--config names a pyproject.toml or mizzle.toml"
            )
        return explicit
    found = next(filter(None, map(in_folder, (start, *start.parents))), None)
    if found is None:
        raise ConfigError(
            f"no [tool.mizzle] in a pyproject.toml, and no mizzle.toml, in {start} or above",
            hint=f"{_NO_SECTION_HINT}; -C DIR runs as if started elsewhere",
        )
    return found


def in_folder(folder: Path) -> Path | None:
    """Return the configuration file in `folder` itself, or None. Raises ConfigError for broken TOML."""
    if (folder / OWN).is_file():
        return folder / OWN
    pyproject = folder / PYPROJECT
    return pyproject if pyproject.is_file() and _section(pyproject) is not None else None


def load(path: Path, *, url: str | None = None) -> Config:
    """Read a configuration file. Raises ConfigError for an unknown setting or a value of the wrong kind."""
    section = _section(path)
    if section is None:
        raise ConfigError(f"{path} has no [tool.mizzle]", hint=_NO_SECTION_HINT)
    known = [name for name in Config.__struct_fields__ if name not in SETTINGS_APART]
    for name in section:
        if name not in known:
            hint = did_you_mean(name, known) or f"it knows {', '.join(known)}"
            raise ConfigError(f"{path}: unknown setting {name}", hint=hint)
    values = {name: _value(path, name, value) for name, value in section.items()}
    for name, value in _from_environment(path.parent).items():
        values[name] = _value(Path(environment.variable(name)), name, value)
    flag = url if url is not None else environment.settings(path.parent, ["url"], lists=(), kinds={}).get("url")
    config = Config(root=path.parent, flag_url=None if flag is None else str(flag), **values)
    _check(config, path)
    return config


def _from_environment(root: Path) -> dict[str, Any]:
    """Return the settings that variables say."""
    names = set(Config.__struct_fields__) - SETTINGS_APART - WITHOUT_VARIABLE
    return dict(
        environment.settings(root, names, lists=_LISTS, kinds={name: kind for name, (kind, *_) in _KINDS.items()})
    )


def _section(path: Path) -> dict[str, Any] | None:
    """Return the settings in a file: those under [tool.mizzle], and in a mizzle.toml also those at its top."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="correct it there") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error
    tool = document.get("tool")
    section: object = cast("dict[str, object]", tool).get("mizzle") if isinstance(tool, dict) else None
    if section is None and path.name == OWN:
        return document
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{path}: tool.mizzle is no table", hint="write its settings under a line [tool.mizzle]")
    return cast("dict[str, Any] | None", section)


def _value(path: Path, name: str, value: Any) -> Any:
    """Return a setting's value as Config has it: a list of texts as a tuple."""
    if name in _LISTS:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in cast("list[object]", listed)):
            raise ConfigError(
                f"{path}: {name} is to be a text or a list of texts, not {value!r}", hint=f'such as {name} = ["..."]'
            )
        return tuple(cast("list[str]", listed))
    if name == "accept":
        return _answers(path, value)
    if name == "lint":
        return _lint(path, value)
    if name == "small":
        return _size(path, value)
    kind, called, example = _KINDS.get(name, (str, "a text in quotes", f'{name} = "..."'))
    if type(value) is not kind:
        raise ConfigError(f"{path}: {name} is to be {called}, not {value!r}", hint=f"such as {example}")
    if value == "":
        raise ConfigError(f"{path}: {name} is empty", hint="give it a value, or take it out: it has a default")
    return value


def _answers(path: Path, value: Any) -> tuple[tuple[str, str], ...]:
    """Return the answers to findings of `advise`, each with its reason."""
    example = '[tool.mizzle.accept] and below it "wide-key public.countries.code" = "the reason"'
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: accept is to be a table of findings, not {value!r}", hint=f"such as {example}")
    for finding, reason in cast("dict[str, object]", value).items():
        if not isinstance(reason, str) or not reason.strip():
            raise ConfigError(f"{path}: accept: {finding!r} has no reason", hint=f"say why, such as {example}")
    return tuple(cast("dict[str, str]", value).items())


def _size(path: Path, value: Any) -> str:
    """Return a size, as PostgreSQL writes it."""
    text = "0" if value == 0 and type(value) is int else value
    if not isinstance(text, str) or size(text) is None:
        raise ConfigError(
            f"{path}: small is to be a size, not {value!r}",
            hint='such as small = "8MB" (kB, MB, GB, TB), or 0 for none',
        )
    return text


def _lint(path: Path, value: Any) -> Lint:
    """Return what is left out of hand-written SQL."""
    example = '[tool.mizzle.lint] and below it ignore = ["table-emptied"]'
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: lint is to be a table, not {value!r}", hint=f"such as {example}")
    settings = cast("dict[str, object]", value)
    known = Lint.__struct_fields__
    if unknown := next((name for name in settings if name not in known), None):
        hint = did_you_mean(unknown, known) or f"it knows {', '.join(known)}"
        raise ConfigError(f"{path}: lint: unknown setting {unknown}", hint=hint)
    try:
        return msgspec.convert(settings, Lint)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{path}: lint: {str(error)[:1].lower()}{str(error)[1:]}",
            hint=f"since is the id of a migration, ignore a list of rules, such as {example}",
        ) from error


_LISTS = frozenset({"models", "sql", "schemas", "ignore", "manage", "forbid"})
_KINDS: Mapping[str, tuple[type, str, str]] = {
    "postgres": (int, "a whole number", "postgres = 15"),
    "production": (bool, "true or false", "production = true"),
    "per_schema": (bool, "true or false", "per_schema = true"),
}


def _check(config: Config, path: Path) -> None:
    if config.dialect != "postgresql":
        raise ConfigError(f"{path}: dialect {config.dialect} is not supported", hint='the one dialect is "postgresql"')
    if config.postgres is not None and not OLDEST <= config.postgres <= NEWEST:
        raise ConfigError(
            f"{path}: postgres = {config.postgres} is not known", hint=f"name a major from {OLDEST} to {NEWEST}"
        )
    if not config.schemas:
        raise ConfigError(f"{path}: schemas is empty", hint='name what this project manages: schemas = ["public"]')
    if config.history in config.schemas:
        raise ConfigError(
            f"{path}: schema {config.history} is to hold the history and to be managed, too",
            hint='give the history a schema of its own: history = "mizzle"',
        )
    if config.per_schema and config.schemas != (TEMPLATE,):
        raise Unsupported(
            f"{path}: per_schema takes no schemas: the one of a tenant stands in the models as {TEMPLATE}",
            hint="take schemas out, or per_schema",
            objects=config.schemas,
        )
    for each in config.manage:
        if each not in MANAGEABLE:
            hint = did_you_mean(each, MANAGEABLE) or f"it knows {', '.join(MANAGEABLE)}"
            raise ConfigError(f"{path}: manage = {each!r} is not known", hint=hint)
    if config.forbid:
        _check_forbidden(config, path)
    if not config.url.startswith(ENVIRONMENT):
        _check_url(path, "url", config.url, instead='url = "env:DATABASE_URL"')
    elif not config.url.removeprefix(ENVIRONMENT):
        raise ConfigError(f"{path}: url names no variable", hint='such as url = "env:DATABASE_URL"')
    if config.scratch != EMBEDDED:
        _check_url(path, "scratch", config.scratch, instead="set MIZZLE_SCRATCH_URL in the environment")


def _check_forbidden(config: Config, path: Path) -> None:
    from mizzle.planning.steps import HazardCode  # noqa: PLC0415 - few configurations forbid something

    known = [str(code) for code in HazardCode]
    for each in config.forbid:
        if each not in known:
            hint = did_you_mean(each, known) or f"it knows {', '.join(known)}"
            raise ConfigError(f"{path}: forbid = {each!r} is no hazard", hint=hint)


def _check_url(path: Path, name: str, value: str, *, instead: str) -> None:
    # Imported here: it loads the driver, and most configurations hold no URL.
    from mizzle.runner.url import parameters  # noqa: PLC0415

    try:
        found = parameters(value)
    except ConfigError as error:
        raise ConfigError(f"{path}: {name}: {error.message}", hint=error.hint) from None
    if "password" in found:
        raise ConfigError(f"{path}: {name} holds a password", hint=f"keep it out of the file: {instead}")
