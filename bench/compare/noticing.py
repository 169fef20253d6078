"""What a tool notices of a database and of others in it, and what it does with a database that it did not make."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bench.compare import edits
from bench.compare.planning import Trial
from bench.compare.project import NOWHERE, Project

_OTHERS = (
    "CREATE TABLE job (id integer PRIMARY KEY, what text)",
    "INSERT INTO job VALUES (1, 'of another application')",
    "CREATE VIEW adults AS SELECT id FROM customer WHERE age > 17",
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp()",
    "CREATE SEQUENCE ticket",
)
_LEFT = (
    "SELECT (SELECT count(*) FROM pg_class WHERE relname IN ('job', 'adults', 'ticket')) || ' of 3, trigger: '"
    " || (SELECT count(*) FROM pg_trigger WHERE tgname = 'stamp')"
)
_DRIFT = {
    "mizzle": (("mizzle", "check", "--url", "$DATABASE_URL"),),
    "alembic": (("alembic", "check"),),
    "django": (("django-admin", "migrate", "--check"), ("django-admin", "makemigrations", "--check", "--dry-run")),
    "drizzle": (("drizzle-kit", "check"), ("drizzle-kit", "migrate")),
    "drizzle-next": (("drizzle-kit", "check"), ("drizzle-kit", "migrate")),
}
_OFFLINE = {
    "mizzle": (("mizzle", "check"),),
    "alembic": (("alembic", "check"),),
    "django": (("django-admin", "makemigrations", "--check", "--dry-run"),),
    "drizzle": (("drizzle-kit", "check"), ("drizzle-kit", "generate", "--name", "change")),
    "drizzle-next": (("drizzle-kit", "check"), ("drizzle-kit", "generate", "--name", "change")),
}
_SQL = {
    "mizzle": (("sh", "-c", "cat migrations/*/up.sql"),),
    "alembic": (("alembic", "upgrade", "head", "--sql"),),
    "django": (("django-admin", "sqlmigrate", "shop", "0001"),),
    "drizzle": (("sh", "-c", "cat drizzle/*.sql"),),
    "drizzle-next": (("sh", "-c", "cat drizzle/*/migration.sql"),),
}
_PULL = {
    "mizzle": ("mizzle", "pull"),
    "django": ("django-admin", "inspectdb"),
    "drizzle": ("drizzle-kit", "pull", "--config", "pulled.config.ts"),
    "drizzle-next": ("drizzle-kit", "pull", "--config", "pulled.config.ts"),
}
_MAY_GO = json.dumps(
    [
        {"type": "confirm_data_loss", "kind": "table", "entity": ["public", "job"]},
        {"type": "confirm_data_loss", "kind": "column", "entity": ["public", "orders", "note"]},
    ]
)


def drift(project: Project) -> None:
    """Somebody has added a column and dropped a check by hand."""
    project.sql("ALTER TABLE customer ADD COLUMN by_hand text", log=True)
    project.sql("ALTER TABLE customer DROP CONSTRAINT customer_age_check", log=True)
    for command in _DRIFT[project.tool]:
        project.run(*(each.replace("$DATABASE_URL", project.url) for each in command))


def offline(project: Project) -> None:
    """The schema is edited and no migration is written; there is no server."""
    project.edit(edits.column("city"))
    for command in _OFFLINE[project.tool]:
        project.run(*command, url=NOWHERE)


def sql(project: Project) -> None:
    """The SQL of the history, for somebody to read or to run; there is no server."""
    for command in _SQL[project.tool]:
        project.run(*command, url=NOWHERE)


def others(project: Project) -> None:
    """There are things in the database that no model has, and a migration is written and applied."""
    project.sql(*_OTHERS, log=True)
    project.edit(edits.column("city"))
    if project.generate().exit == 0:
        project.migrate()
    project.ask(_LEFT)


def push(project: Project) -> None:
    """A column with data goes, and there are things that no model has: straight into a development database."""
    if project.tool in {"alembic", "django"}:
        return
    if project.tool == "mizzle":
        project.sql("DROP SCHEMA mizzle CASCADE")  # a database that has a history is refused
    project.sql(*_OTHERS, log=True)
    project.edit(edits.without("note"))
    if project.tool == "mizzle":
        project.run("mizzle", "push")
        project.run("mizzle", "push", "--yes")
        project.run("mizzle", "push", "--yes", "--accept-data-loss", "public.orders.note")
    else:
        project.run("drizzle-kit", "push")
        project.run("drizzle-kit", "push", "--force")
    if project.tool == "drizzle-next":
        project.run("drizzle-kit", "push", "--hints", _MAY_GO)
    project.ask(_LEFT)
    project.columns("orders")


def pull(project: Project) -> None:
    """Models from the database, with a comment, a view and a trigger more."""
    if project.tool not in _PULL:
        return
    project.sql("COMMENT ON COLUMN customer.name IS 'as on the passport'", *_OTHERS[2:5])
    if "drizzle" in project.tool:
        config = (project.root / "drizzle.config.ts").read_text(encoding="utf-8")
        (project.root / "pulled.config.ts").write_text(config.replace("./drizzle", "./pulled"), encoding="utf-8")
    project.run(*_PULL[project.tool])
    for folder in ("db", "pulled"):
        for path in sorted((project.root / folder).rglob("*")):
            if path.suffix in {".py", ".sql", ".ts"} and path.name != "__init__.py":
                project.file(path)


TRIALS: Mapping[str, Trial] = {
    "drift": drift,
    "offline": offline,
    "sql": sql,
    "others": others,
    "push": push,
    "pull": pull,
}
