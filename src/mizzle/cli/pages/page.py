"""What a command's page has, and what several say alike."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A command's page.

    `exits` are exit codes and what they mean here, `examples` purposes and command lines, one or more, that fit into 72
    columns, `see` where to read on; `arguments` and `variables` (of the environment) words and what they mean.
    """

    exits: dict[int, str]
    examples: dict[str, str]
    see: tuple[str, ...]
    arguments: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, str] = field(default_factory=dict[str, str])


USE = {2: "wrong use or configuration"}
ASKED = {3: "a decision is needed, and there is no terminal to ask"}
DATABASE = {4: "the database refused it, or cannot be reached"}
MODELS = {4: "the models do not import, or the throw-away server failed"}
ALL = {4: "the database, the throw-away server or an import failed"}
STUDIO = {
    0: "ended by Ctrl-C",
    2: "wrong use or configuration; the port is taken; mizzle[studio] is not installed",
}

URL = {"DATABASE_URL": "The database, where no --url says it."}
SCRATCH = {"MIZZLE_SCRATCH_URL": "The throw-away server, instead of the embedded one."}
OTHERS = {"MIZZLE_...": "Options and settings: MIZZLE_URL for --url."}
TRACES = {"OTEL_...": "Where traces go, as OpenTelemetry reads it."}
ALEMBIC = {"ALEMBIC_CONFIG": "Where alembic.ini is."}

SCHEMAS = "models, head, empty, a postgresql:// URL, a .sql file, a folder of them, or a migration's id"
