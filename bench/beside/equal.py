"""Whether the tools have made the same database, as Mizzle reads it."""

from __future__ import annotations

from dataclasses import replace

from bench.beside import django_models, rows
from bench.measure import Failed
from mizzle.catalog.catalog import Catalog
from mizzle.differ.compare import compare, describe
from mizzle.project import live
from mizzle.project.library import scratch

_OWN = frozenset({"alembic_version"})
_SHOWN = 10


def verify(tool: str, wanted: Catalog, url: str) -> None:
    """Raise Failed with what differs between the database at `url` and `wanted`, as far as the tool can say it."""
    found = live.read(url, schemas=["public"])
    if tool == rows.DJANGO:
        _verify_columns(wanted, found)
        return
    found = replace(found, tables=tuple(table for table in found.tables if table.name not in _OWN))
    if tool in {rows.DRIZZLE, rows.DRIZZLE_NEXT}:
        wanted = _without_comments(wanted)
    with scratch() as home:
        differences = describe(compare(wanted, home.rehome(found, near=wanted)))
    if differences:
        raise Failed(f"{tool} has made another database:\n" + "\n".join(differences[:_SHOWN]))


def _verify_columns(wanted: Catalog, found: Catalog) -> None:
    mine, theirs = django_models.comparable(wanted), django_models.comparable(found)
    if mine != theirs:
        differing = [name for name in mine if mine[name] != theirs.get(name)]
        name = differing[0] if differing else min(theirs.keys() - mine.keys())
        raise Failed(f"Django has made another table {name}:\n{mine.get(name)}\n{theirs.get(name)}")


def _without_comments(catalog: Catalog) -> Catalog:
    return replace(
        catalog,
        tables=tuple(
            replace(table, comment=None, columns=tuple(replace(each, comment=None) for each in table.columns))
            for table in catalog.tables
        ),
    )
