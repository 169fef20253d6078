"""What a tool writes for a change of the schema, and whether a filled table takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.compare import edits
from bench.compare.edits import Edit
from bench.compare.project import Project
from bench.compare.terminal import Answer

Trial = Callable[[Project], object]
_DOWN = "\x1b[B"
_OBJECTS = """\
CREATE VIEW adults AS SELECT id FROM customer WHERE age > 17;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'seen'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY grown ON customer FOR SELECT USING (age > 17);
"""


def _changed(edit: Edit) -> Trial:
    """Return the trial of one edit: generated and applied to the filled tables."""

    def trial(project: Project) -> None:
        if not project.edit(edit):
            return
        before = project.last()
        project.generate()
        if project.last() != before:
            project.migrate()

    return trial


def rename(project: Project) -> None:
    """A column gets another name: without a terminal, then on one, where the question is answered."""
    project.edit(edits.RENAME)
    before = project.last()
    project.generate()
    if project.tool == "mizzle":
        project.generate("change", "--rename", "public.customer.name:full_name")
    elif project.last() == before:
        answers = (
            (Answer("rename column", _DOWN), Answer("\u276f ~", "\r"))
            if "drizzle" in project.tool
            else (Answer("[y/N]", "y\r"),)
        )
        project.generate(answers=answers)
    project.migrate()
    project.ask("SELECT count(full_name) || ' of ' || count(*) || ' names are there' FROM customer")


def not_null(project: Project) -> None:
    """A column that must have a value, on a table with rows."""
    project.edit(edits.NOT_NULL)
    before = project.last()
    project.generate()
    if project.last() == before:
        project.generate(answers=(Answer("Select an option", "1\r"), Answer(">>> ", "'?'\r")))
    project.migrate()


def default(project: Project) -> None:
    """Another default; Alembic a second time with the option that looks for it."""
    _changed(edits.DEFAULT)(project)
    if project.tool == "alembic":
        env = project.root / "script" / "env.py"
        text = env.read_text(encoding="utf-8")
        option = "target_metadata=target_metadata, compare_server_default=True"
        env.write_text(text.replace("target_metadata=target_metadata", option), encoding="utf-8")
        project.log("sed -i 's/target_metadata=target_metadata/&, compare_server_default=True/' script/env.py", "")
        project.generate("again")


def drop(project: Project) -> None:
    """A column with data is taken out of the models."""
    project.edit(edits.without("note"))
    project.generate()


def objects(project: Project) -> None:
    """A view, a function, a trigger and a policy as sources, where there is a place for them; then the view changes."""
    if project.tool == "mizzle":
        path = project.root / "objects.sql"
        path.write_text(_OBJECTS, encoding="utf-8")
        config = project.root / "mizzle.toml"
        config.write_text(config.read_text(encoding="utf-8") + 'sql = ["objects.sql"]\n', encoding="utf-8")
        project.generate("objects")
        path.write_text(_OBJECTS.replace("age > 17;", "age > 20;"), encoding="utf-8")
        project.generate("view")
        project.migrate()
    if project.edit(edits.VIEW) and project.edit(edits.POLICY):
        project.generate("objects")
        project.edit(edits.VIEW_CHANGED)
        project.generate("view")
        project.migrate()


def down(project: Project) -> None:
    """A change, and its way back."""
    project.edit(edits.column("city"))
    project.generate()
    project.migrate()
    project.columns()
    match project.tool:
        case "mizzle":
            project.file(project.newest() / "down.sql")
            project.run("mizzle", "rollback")
        case "alembic":
            project.run("alembic", "downgrade", "-1")
        case "django":
            project.run("django-admin", "migrate", "shop", "0001")
        case _:
            project.run("drizzle-kit", "--help")
    project.columns()


TRIALS: Mapping[str, Trial] = {
    "rename": rename,
    "not-null": not_null,
    "index": _changed(edits.INDEX),
    "foreign-key": _changed(edits.FOREIGN_KEY),
    "type": _changed(edits.TYPE),
    "enum-add": _changed(edits.labels("new", "paid", "sent", "closed")),
    "enum-remove": _changed(edits.labels("new", "paid")),
    "check": _changed(edits.CHECK),
    "generated": _changed(edits.GENERATED),
    "default": default,
    "predicate": _changed(edits.PREDICATE),
    "comment": _changed(edits.COMMENT),
    "drop": drop,
    "objects": objects,
    "down": down,
}
