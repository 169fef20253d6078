"""docs/format.md: what a snapshot holds, from its structs; docs/hazards.md: the codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

from msgspec import inspect
from tools.reference.blocks import Maker, documentation, linked, table

from mizzle.catalog.catalog import Catalog
from mizzle.migrations.snapshot import Snapshot
from mizzle.planning.steps import HAZARDS

_NOTES = {
    "unmanaged": "what is there and not managed, such as `operator class public.x`: reported, never touched",
    "dependencies": "what PostgreSQL records between objects of different tables: `dependent`, `referenced`",
    "major": "the major version of the server that said it",
    "also": "what was read besides objects",
}


def snapshots() -> dict[str, Maker]:
    """Return what makes each block of docs/format.md, by its name."""
    return {"snapshot": _snapshot, "catalog": _catalog}


def hazards() -> dict[str, Maker]:
    """Return what makes each block of docs/hazards.md, by its name."""
    return {"hazards": _hazards}


def _hazards() -> list[str]:
    return table(("code", "what it is"), ((f"[`{code}`](#{code.lower()})", said) for code, said in HAZARDS.items()))


def _snapshot() -> list[str]:
    found = inspect.type_info(Snapshot)
    assert isinstance(found, inspect.StructType)
    rows: list[tuple[str, str]] = []
    for field in found.fields:
        assert isinstance(field.type, inspect.Metadata)
        rows.append((f"`{field.name}`", linked((field.type.extra_json_schema or {})["description"])))
    return table(("field", "what it holds"), rows)


def _catalog() -> list[str]:
    return table(("list", "what each is", "its fields"), _kinds())


def _kinds() -> Iterator[tuple[str, str, str]]:
    for name, hint in get_type_hints(Catalog).items():
        if name in _NOTES:
            yield f"`{name}`", _NOTES[name], ""
            continue
        kind = get_args(hint)[0]
        assert is_dataclass(kind)
        yield f"`{name}`", documentation(kind)[0], ", ".join(f"`{field.name}`" for field in fields(kind))
