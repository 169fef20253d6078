"""The JSON Schema of what each command prints with `--json`, made of the structs that it prints."""

from __future__ import annotations

from typing import Any

import msgspec

from mizzle import __version__
from mizzle.cli.results import adopt, advise, check, database, errors, files

DIALECT = "https://json-schema.org/draft/2020-12/schema"

RESULTS: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "init": (files.Initialised,),
    "generate": (files.Generated, files.NothingGenerated, files.GeneratedInTwo, files.GeneratedByHand),
    "migrate": (database.Migrated, database.Fleet),
    "push": (database.Pushed,),
    "rollback": (database.RolledBack,),
    "status": (database.Status, database.Fleet),
    "resolve": (database.Resolved,),
    "baseline": (database.Baselined, database.Fleet),
    "adopt": (adopt.Adopted, adopt.AdoptedBefore),
    "check": (check.Checked,),
    "pull": (files.Pulled,),
    "show": (files.Shown,),
    "diff": (files.Diffed,),
    "advise": (advise.Advised,),
    "squash": (files.Squashed,),
    "rebase": (files.Rebased,),
    "studio": (files.Serving,),
    "dev": (files.Serving,),
    "schema": (),
    "completion": (files.Completion,),
    "help": (files.HelpPage,),
}
"""What each command prints when it does not fail: one of these; `schema` prints a schema."""


_SCHEMA = {"type": "object", "required": ["$schema"]}


def schema(*commands: str) -> dict[str, Any]:
    """Return the schema of what a command prints; of several, with each under its name in `$defs`."""
    shapes = {command: (*RESULTS[command], errors.Failed) for command in commands}
    types = list(dict.fromkeys(shape for each in shapes.values() for shape in each))
    refs, defined = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    at = dict(zip(types, refs, strict=True))
    of = {command: _one_of(command, [at[shape] for shape in each]) for command, each in shapes.items()}
    parts = dict(sorted(defined.items()))
    if len(commands) == 1:
        return {"$schema": DIALECT, **of[commands[0]], "$defs": parts}
    named = [{"$ref": f"#/$defs/{command}"} for command in commands]
    return {"$schema": DIALECT, "title": "mizzle --json", **_by(), "anyOf": named, "$defs": {**of, **parts}}


def _one_of(command: str, refs: list[dict[str, Any]]) -> dict[str, Any]:
    own = [_SCHEMA] if command == "schema" else []
    return {"title": f"mizzle {command} --json", **_by(), "anyOf": [*own, *refs]}


def _by() -> dict[str, str]:
    return {"description": f"What is printed to stdout, by mizzle {__version__}."}
