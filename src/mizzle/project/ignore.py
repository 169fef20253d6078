"""What a project manages: its schemas, less what `ignore` names (`kind:pattern`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from mizzle.catalog import prune
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.project.patterns import patterns


def only_schemas(catalog: Catalog, schemas: Collection[str]) -> Catalog:
    """Return what lies in `schemas`, and what lies in none."""
    inside = prune.keep(catalog, lambda where: where.schema in {"", *schemas})
    return replace(
        inside,
        extensions=tuple(e for e in inside.extensions if e.schema in schemas),
        unmanaged=tuple(where for where in catalog.unmanaged if where.schema in {"", *schemas}),
    )


def without_foreign(live: Catalog, ours: Catalog) -> Catalog:
    """Return a database's catalog without what lies in no schema and we do not have: it is somebody else's.

    Publications, event triggers, casts, foreign data wrappers and servers are such.
    """

    def kept(where: Address) -> bool:
        return where.schema != "" or where.kind == "extension" or where in there

    there = ours.addresses()
    return prune.keep(live, kept)


def apply(catalog: Catalog, ignore: Iterable[str]) -> Catalog:
    """Return `catalog` without what `ignore` names, and without the parts of a table that goes."""
    rules = patterns(ignore)
    if not rules:
        return catalog
    gone = [where for where in (*catalog.addresses(), *catalog.unmanaged) if _matches(where, rules)]
    left = prune.without(catalog, gone) if gone else catalog
    return replace(left, unmanaged=tuple(where for where in catalog.unmanaged if where not in gone))


def matches(where: Address, ignore: Iterable[str]) -> bool:
    """Say whether `ignore` names the object at `where`."""
    return _matches(where, patterns(ignore))


def _matches(where: Address, rules: Iterable[tuple[str, str]]) -> bool:
    name, dotted = where.names[-1], ".".join(where.names)
    return any(
        kind == where.kind and (fnmatchcase(name, pattern) or fnmatchcase(dotted, pattern)) for kind, pattern in rules
    )
