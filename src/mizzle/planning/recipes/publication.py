"""Publications."""

from __future__ import annotations

from mizzle import names
from mizzle.catalog.publication import Publication
from mizzle.planning.context import Context
from mizzle.planning.operations import Operation, Phase, alters
from mizzle.planning.recipes import defined, storage
from mizzle.planning.recipes.comment import created
from mizzle.planning.steps import Hazard, HazardCode, Lock, Statement

_USUAL = {"publish": "insert, update, delete, truncate", "publish_via_partition_root": "false"}


def create(publication: Publication) -> list[Operation]:
    """CREATE PUBLICATION."""
    made = _on(definition(publication), f"create {publication.address}", publication.relations)
    more = created("PUBLICATION", names.ident(publication.name), publication.comment)
    return defined.create(Phase.CREATE_ATTACHED, publication, made, more)


def definition(publication: Publication) -> str:
    """Return CREATE PUBLICATION."""
    what = " FOR ALL TABLES" if publication.all_tables else ""
    if _published(publication):
        what = f" FOR {_published(publication)}"
    options = f" WITH ({storage.clause(publication.options)})" if publication.options else ""
    return f"CREATE PUBLICATION {names.ident(publication.name)}{what}{options}"


def drop(publication: Publication, context: Context) -> list[Operation]:
    """DROP PUBLICATION."""
    where = publication.address
    hazard = Hazard(HazardCode.BREAKS_OLD_CODE, str(where), f"drops {where}: those who subscribe to it get nothing")
    sql = f"DROP PUBLICATION {names.ident(publication.name)}"
    return defined.drop(Phase.DROP_PART, publication, sql, context, hazard=hazard)


def in_place(old: Publication, new: Publication, _: Context) -> bool:
    """Say whether ALTER PUBLICATION can: SET wants at least one table or schema."""
    if old.all_tables or new.all_tables:
        return old.all_tables == new.all_tables
    return bool(_published(new)) or not _published(old)


def alter(old: Publication, new: Publication, _: Context) -> list[Operation]:
    """ALTER PUBLICATION … SET."""
    name, change = names.ident(new.name), f"alter {new.address}"
    statements = list[Statement]()
    if _published(old) != _published(new):
        relations = tuple(dict.fromkeys((*old.relations, *new.relations)))
        statements.append(_on(f"ALTER PUBLICATION {name} SET {_published(new)}", change, relations))
    if old.options != new.options:
        wanted = dict(option.split("=", 1) for option in new.options)
        was = [option.partition("=")[0] for option in old.options]
        gone = [f"{key}={_USUAL.get(key, 'none')}" for key in was if key not in wanted]
        options = storage.clause((*new.options, *gone))
        statements.append(Statement(f"ALTER PUBLICATION {name} SET ({options})", change=change))
    told = [alters(Phase.CREATE_ATTACHED, statements, new.address)] if statements else []
    return [*told, *defined.commented("PUBLICATION", name, old, new)]


def _published(publication: Publication) -> str:
    tables = [f"TABLE {each}" if not place else each for place, each in enumerate(publication.tables)]
    schemas = [f"TABLES IN SCHEMA {names.idents(publication.schemas)}"] if publication.schemas else []
    return ", ".join([*tables, *schemas])


def _on(sql: str, change: str, relations: tuple[str, ...]) -> Statement:
    if not relations:
        return Statement(sql, change=change)
    lock = Lock.SHARE_UPDATE_EXCLUSIVE
    return Statement(sql, lock=lock, relation=relations[0], also=relations[1:], change=change)
