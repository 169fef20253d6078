"""A Catalog as JSON and back. What has its default value is left out, so that a review shows what counts."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any

import msgspec

from mizzle.catalog import address
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog


def encode(catalog: Catalog) -> bytes:
    """Return `catalog` as compact JSON; the same catalog gives the same bytes."""
    return msgspec.json.encode(_plain(catalog))


def decode(data: bytes | msgspec.Raw) -> Catalog:
    """Return the catalog that `encode` wrote. Raises msgspec.ValidationError where it is none."""
    stored = msgspec.json.decode(data, type=dict[str, Any])
    stored["unmanaged"] = [_parts(text) for text in stored.get("unmanaged", ())]
    stored["dependencies"] = [
        {end: _parts(text) for end, text in pair.items()} for pair in stored.get("dependencies", ())
    ]
    return msgspec.convert(stored, Catalog)


def _parts(text: str) -> tuple[str, tuple[str, ...]]:
    where = address.parse(text)
    return where.kind, where.names


def _plain(value: Any) -> Any:
    if isinstance(value, Address):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if is_dataclass(value):
        return {
            name: _plain(item)
            for name, default in _fields(type(value))
            if (item := getattr(value, name)) != default or default is MISSING
        }
    return value


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    found: tuple[Field[Any], ...] = fields(kind)
    return tuple((f.name, f.default) for f in found)
