"""docs/configuration.md: the settings, from the fields of Config, and the variables of the options."""

from __future__ import annotations

import json
from importlib import import_module

import click
from msgspec import inspect
from tools.reference.blocks import Maker, linked, table

from mizzle.cli.main import COMMANDS, mizzle
from mizzle.project.config import SETTINGS_APART, WITHOUT_VARIABLE, Config
from mizzle.project.environment import variable

_OTHER = {"url": "MIZZLE_URL", "scratch": "MIZZLE_SCRATCH_URL"}


def makers() -> dict[str, Maker]:
    """Return what makes each block of the page, by its name."""
    return {"settings": _settings, "options": _options}


def _settings() -> list[str]:
    found = inspect.type_info(Config)
    assert isinstance(found, inspect.StructType)
    rows = [_setting(field) for field in found.fields if field.name not in SETTINGS_APART]
    return table(("setting", "type", "default", "variable", "what it says"), rows)


def _setting(field: inspect.Field) -> tuple[str, ...]:
    said = field.type
    assert isinstance(said, inspect.Metadata)
    description = (said.extra_json_schema or {})["description"]
    stands = _OTHER.get(field.name, "" if field.name in WITHOUT_VARIABLE else variable(field.name))
    return (
        f"`{field.name}`",
        _kind(said.type),
        _default(field.default),
        f"`{stands}`" if stands else "",
        linked(description),
    )


def _kind(kind: inspect.Type) -> str:
    """Return a type as TOML has it."""
    match kind:
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.UnionType():
            return "whole number"
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return "text, or list of texts"
        case _:
            return "table"


def _default(value: object) -> str:
    if isinstance(value, bool) or (isinstance(value, str) and value):
        return f"`{json.dumps(value)}`"
    return f"`{json.dumps(list(value))}`" if isinstance(value, tuple) and value else "none"  # pyright: ignore[reportUnknownArgumentType]


def _options() -> list[str]:
    """Return the variables that stand for options, each once, in the order of the help texts."""
    commands: list[click.Command] = [mizzle, *(import_module(f"mizzle.cli.{name}").command for name in COMMANDS)]
    found: dict[str, tuple[str, str, str]] = {}
    for option in (each for command in commands for each in command.params if isinstance(each, click.Option)):
        if isinstance(option.envvar, str):
            name = next(opt for opt in option.opts if opt.startswith("--"))
            found.setdefault(option.envvar, (f"`{option.envvar}`", f"`{name}`", (option.help or "").rstrip(".")))
    return table(("variable", "option", "what it says"), found.values())
