"""What there is: the tables with their sizes, the tenants, the diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from mizzle.studio import asked, browse
from mizzle.studio.answers import Handler
from mizzle.studio.asked import Rows
from mizzle.studio.database import rows
from mizzle.studio.filters import ALIAS
from mizzle.studio.lens import Lens
from mizzle.studio.refused import Refused
from mizzle.studio.relations import Relation, Where
from mizzle.studio.sql import Sql, all_of, name
from mizzle.studio.state import Studio

_SIZES = """
SELECT n.nspname, c.relname, c.reltuples, pg_catalog.pg_total_relation_size(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""
_WHO = "SELECT current_setting('server_version_num')::int / 10000, current_user::text, current_database()::text"
_PATIENCE = 10_000
_TENANTS = 50


async def overview(studio: Studio, request: Request) -> Any:
    """Return the database, its tables with sizes, and the tenant lens."""
    del request
    relations = await studio.relations(fresh=True)
    async with studio.database.reading(milliseconds=_PATIENCE) as connection:
        major, role, database = (await rows(connection, Sql(_WHO)))[0]
        sizes = {(row[0], row[1]): row[2:] for row in await rows(connection, Sql(_SIZES))}
    lens = studio.lens(relations)
    return {
        "database": database,
        "major": major,
        "role": role,
        "write": studio.database.write,
        "project": studio.project is not None,
        "tables": [_summary(each, sizes, lens) for each in relations.by_name.values()],
        "lens": lens and {"table": _named(lens.tenants.where), "key": lens.key, "label": lens.label},
        "lens_problem": studio.lens_problem(relations),
    }


def _summary(relation: Relation, sizes: Mapping[Where, Any], lens: Lens | None) -> dict[str, Any]:
    tuples, size = sizes.get(relation.where, (-1, 0))
    return {
        **_named(relation.where),
        "kind": relation.kind,
        "rows": tuples if tuples >= 0 and relation.kind not in {"view", "foreign table"} else None,
        "bytes": size,
        "comment": relation.comment,
        "tenant": lens is not None and lens.narrows(relation),
    }


def _named(where: Where) -> dict[str, str]:
    return {"schema": where[0], "name": where[1]}


async def tenants(studio: Studio, request: Request) -> Any:
    """Return tenants, by key and label: the first ones, or those that a search finds."""
    lens = await _lens(studio)
    of = f"{ALIAS}.{name(lens.key)}::pg_catalog.text"
    label = f"{ALIAS}.{name(lens.label)}::pg_catalog.text" if lens.label else of
    search = asked.text(request.query_params, "search")
    wanted = [Sql(f"{label} ILIKE %s OR {of} = %s", (f"%{search}%", search))] if search else []
    query = Sql(f'SELECT {of}, pg_catalog."left"({label}, 200) FROM {lens.tenants.sql} {ALIAS}') + all_of(wanted)
    async with studio.database.reading() as connection:
        found = await rows(connection, query + f" ORDER BY {label} LIMIT {_TENANTS + 1}")
    return {"tenants": [{"key": key, "label": shown} for key, shown in found[:_TENANTS]], "more": len(found) > _TENANTS}


async def tenant_counts(studio: Studio, request: Request) -> Any:
    """Return how many rows a tenant has in each table that leads to it."""
    lens = await _lens(studio)
    tenant = asked.text(request.query_params, "tenant")
    tables = [each for each in (await studio.relations()).by_name.values() if lens.narrows(each)]
    wanted = [Rows(each, tenant=tenant, lens=lens) for each in tables]
    async with studio.database.reading() as connection:
        found = await browse.counts(connection, wanted)
    return {"tables": [{**_named(each.where), **told} for each, told in zip(tables, found, strict=True)]}


async def _lens(studio: Studio) -> Lens:
    lens = studio.lens(await studio.relations())
    if lens is None:
        hint = 'set tenants = "public.tenants" in the configuration'
        raise Refused(404, "no tenant lens is configured", hint=hint, code="no_lens")
    return lens


async def diagram(studio: Studio, request: Request) -> Any:
    """Return tables, columns and references of all schemas, or of one."""
    schema = asked.text(request.query_params, "schema")
    found = [
        each
        for each in (await studio.relations()).by_name.values()
        if each.kind != "partition" and schema in {"", each.schema}
    ]
    shown = {each.where for each in found}
    return {
        "tables": [_drawn(each) for each in found],
        "references": [
            {
                "name": ref.name,
                "from": _named(ref.table),
                "columns": ref.columns,
                "to": _named(ref.target),
                "toColumns": ref.target_columns,
                "nullable": any(each.by_name[column].nullable for column in ref.columns),
                "unique": ref.columns in each.uniques,
            }
            for each in found
            for ref in each.references
            if ref.target in shown
        ],
    }


def _drawn(relation: Relation) -> dict[str, Any]:
    foreign = {column for ref in relation.references for column in ref.columns}
    return {
        **_named(relation.where),
        "kind": relation.kind,
        "comment": relation.comment,
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.nullable,
                "primary": column.name in relation.primary,
                "foreign": column.name in foreign,
            }
            for column in relation.columns
        ],
    }


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("GET /api/overview", overview),
    ("GET /api/tenants", tenants),
    ("GET /api/tenant_counts", tenant_counts),
    ("GET /api/diagram", diagram),
)
