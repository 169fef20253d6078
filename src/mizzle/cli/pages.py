"""What `--help` says of each command beside its options: arguments, exit codes, environment, examples, where more is.

The words of the options stand with the options.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mizzle.errors import EXIT_CODES


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


_USE = {2: "wrong use or configuration"}
_ASKED = {3: "a decision is needed, and there is no terminal to ask"}
_DATABASE = {4: "the database refused it, or cannot be reached"}
_MODELS = {4: "the models do not import, or the throw-away server failed"}
_ALL = {4: "the database, the throw-away server or an import failed"}
_STUDIO = {
    0: "ended by Ctrl-C",
    2: "wrong use or configuration; the port is taken; mizzle[studio] is not installed",
}

_URL = {"DATABASE_URL": "The database, where no --url says it."}
_SCRATCH = {"MIZZLE_SCRATCH_URL": "The throw-away server, instead of the embedded one."}
_OTHERS = {"MIZZLE_...": "Options and settings: MIZZLE_URL for --url."}
_TRACES = {"OTEL_...": "Where traces go, as OpenTelemetry reads it."}
_ALEMBIC = {"ALEMBIC_CONFIG": "Where alembic.ini is."}

_SCHEMAS = "models, head, empty, a postgresql:// URL, a .sql file, a folder of them, or a migration's id"

MIZZLE = Page(
    exits=EXIT_CODES,
    variables={
        "DATABASE_URL": "The database, where no --url says it; the setting `url` may name another variable.",
        "MIZZLE_...": "Options by their names (MIZZLE_URL, MIZZLE_JSON), and settings (MIZZLE_MIGRATIONS). A flag wins "
        "over the environment, that over a file .env beside the configuration, and that over the configuration.",
        "MIZZLE_SCRATCH_URL": "The throw-away server, instead of the embedded one.",
        "XDG_CACHE_HOME": "Where that server is kept, in mizzle/. [default: ~/.cache]",
        "NO_COLOR": "No colours.",
        "PGPASSWORD, PGPASSFILE, ...": "As libpq reads them.",
    },
    examples={
        "From models to a database": "mizzle init --models app.models:Base\nmizzle generate\nmizzle migrate",
        "What is left to do": "mizzle status\nmizzle check",
        "The page of a command": "mizzle help migrate",
    },
    see=("docs/commands.md", "docs/configuration.md", "docs/how-it-works.md"),
)

PAGES = {
    "init": Page(
        exits={0: "written", 2: "wrong use, or there is a configuration already"},
        examples={
            "Where the models are app/models.py": "mizzle init --models app.models:Base",
            "In another folder": "mizzle -C services/shop init",
        },
        see=("mizzle help generate", "mizzle help adopt", "docs/configuration.md"),
    ),
    "generate": Page(
        arguments={"NAME": "What the migration is called; without it, after its first change."},
        exits={
            0: "written, or there are no changes",
            1: "it was not proved, has a forbidden hazard, or the folder is not whole",
            **_USE,
            **_ASKED,
            **_MODELS,
        },
        variables={**_SCRATCH, **_ALEMBIC, **_OTHERS},
        examples={
            "What has changed in the models": "mizzle generate",
            "A column that has a new name": "mizzle generate --rename public.users.name:full_name",
            "One to write by hand, which rebase then proves": "mizzle generate --custom fill_emails\nmizzle rebase",
        },
        see=("mizzle help migrate", "docs/migrations.md", "docs/hazards.md", "docs/expand-contract.md"),
    ),
    "migrate": Page(
        exits={
            0: "all is applied, or was shown (--dry-run)",
            1: "folder and history do not fit: edited, missing, unknown",
            **_USE,
            4: "a step failed, rows are in the way, or the database cannot be reached; of a fleet: some failed",
        },
        variables={**_URL, **_TRACES, **_OTHERS},
        examples={
            "See first, then run": "mizzle migrate --dry-run\nmizzle migrate",
            "All databases of a file, eight at once": "mizzle migrate --fleet databases.txt --jobs 8",
            "When no old code runs any more": "mizzle migrate --contract",
        },
        see=("mizzle help rollback", "docs/deployment.md", "docs/tenants.md", "docs/log.md"),
    ),
    "push": Page(
        exits={
            0: "applied, or equal already",
            1: "not wanted, or the database has a migration history, of any tool",
            **_USE,
            **_ASKED,
            **_ALL,
        },
        variables={**_URL, **_SCRATCH, **_OTHERS},
        examples={
            "The project's own development database": "mizzle push --embedded",
            "Without asking, though a column goes": "mizzle push --yes --accept-data-loss public.users.nickname",
        },
        see=("mizzle help generate", "mizzle help diff", "docs/push.md"),
    ),
    "rollback": Page(
        exits={
            0: "reverted, or nothing to revert",
            1: "not wanted, or folder and history do not fit",
            **_USE,
            **_ASKED,
            **_DATABASE,
        },
        variables={**_URL, **_TRACES, **_OTHERS},
        examples={
            "See what it deletes, then do it": "mizzle rollback --dry-run\nmizzle rollback",
            "All behind a migration": "mizzle rollback --to 20260120143000_initial",
            "Though a table goes": "mizzle rollback --accept-data-loss public.orders",
        },
        see=("mizzle help resolve", "docs/deployment.md", "docs/history.md"),
    ),
    "status": Page(
        exits={0: "all are applied", 1: "one is not applied as it should be", **_USE, **_DATABASE},
        variables={**_URL, **_OTHERS},
        examples={
            "The database of DATABASE_URL": "mizzle status",
            "For a script": "mizzle status --json",
            "All of the fleet": "mizzle status --fleet",
        },
        see=("mizzle help check", "mizzle help migrate", "docs/history.md"),
    ),
    "resolve": Page(
        arguments={"ID": "The migration."},
        exits={0: "recorded", 1: "it is recorded so already, or its files are not proved", **_USE, **_DATABASE},
        variables={**_URL, **_OTHERS},
        examples={
            "It was run by hand": 'mizzle resolve 20260120143000_initial --applied --reason "ran in psql"',
            "It was undone by hand": 'mizzle resolve 20260120143000_initial --reverted --reason "undone in psql"',
        },
        see=("mizzle help status", "mizzle help baseline", "docs/history.md"),
    ),
    "baseline": Page(
        exits={0: "recorded", 1: "the database is not what the migrations make", **_USE, **_ALL},
        variables={**_URL, **_SCRATCH, **_OTHERS},
        examples={
            "A database that has all of them": "mizzle baseline",
            "One that has the first only": "mizzle baseline --to 20260120143000_initial",
            "All tenants of the list, each compared": "mizzle baseline --fleet",
        },
        see=("mizzle help adopt", "mizzle help resolve", "docs/adopt.md", "docs/tenants.md"),
    ),
    "adopt": Page(
        arguments={
            "SOURCE": "alembic, drizzle or database; without it, it looks what there is.",
            "PATH": "alembic.ini (or pyproject.toml, or the folder of the scripts), or Drizzle's folder.",
        },
        exits={
            0: "taken over: models and database are equal",
            1: "taken over, though they differ; or not, for the database is behind the other tool's files",
            2: "wrong use or configuration; the other tool's files cannot be read",
            3: "a table or a tool has to be named",
            4: "the database, the throw-away server or an import (Alembic's, or the models') failed",
        },
        variables={**_URL, **_SCRATCH, **_OTHERS},
        examples={
            "Look, then do it": "mizzle adopt --dry-run\nmizzle adopt",
            "A folder of Drizzle's": "mizzle adopt drizzle ./drizzle",
            "A database that was run by hand": "mizzle adopt database --url postgresql://localhost/shop",
            "One tenant's schema, for those of all": "mizzle adopt database --tenant acme",
        },
        see=("mizzle help baseline", "mizzle help pull", "docs/adopt.md", "docs/alembic.md"),
    ),
    "check": Page(
        exits={0: "nothing was found, or warnings only", 1: "something was found", **_USE, **_ALL},
        variables={**_SCRATCH, **_OTHERS},
        examples={
            "In CI, at the lines of a pull request": "mizzle check --format github",
            "Whether somebody changed a database": 'mizzle check --url "$DATABASE_URL"',
        },
        see=("mizzle help status", "docs/ci.md", "docs/lint.md"),
    ),
    "pull": Page(
        arguments={
            "OF": "A postgresql:// URL, a .sql file, a folder of them, head, or a migration's id; without it, it is "
            "the project's database."
        },
        exits={
            0: "written, and read back equal",
            1: "written, and something differs or cannot be said",
            2: "wrong use or configuration; the files are there already",
            4: "the database or the throw-away server failed",
        },
        variables={**_URL, **_SCRATCH, **_OTHERS},
        examples={
            "Into the folder db": "mizzle pull postgresql://localhost/shop",
            "A dump, into the application": "mizzle pull shop.sql --out app/db",
        },
        see=("mizzle help adopt", "docs/pull.md"),
    ),
    "show": Page(
        arguments={"MIGRATION": "The id of one; without any, it is the last."},
        exits={0: "shown", 1: "the folder is not whole", **_USE},
        variables=_OTHERS,
        examples={
            "The last one": "mizzle show",
            "The comment for a pull request": "mizzle show --since origin/main --format markdown",
        },
        see=("mizzle help diff", "docs/ci.md", "docs/hazards.md"),
    ),
    "diff": Page(
        arguments={"A, B": f"Each: {_SCHEMAS}."},
        exits={0: "equal", 1: "not equal, or not proved (--prove)", **_USE, **_ALL},
        variables={**_SCRATCH, **_OTHERS},
        examples={
            "What generate would write": "mizzle diff head models",
            "What one database lacks that another has": "mizzle diff postgresql://localhost/a postgresql://localhost/b",
        },
        see=("mizzle help generate", "mizzle help show", "docs/hazards.md"),
    ),
    "advise": Page(
        arguments={
            "OF": "head (what the migrations make, the default), models, a postgresql:// URL, a .sql file, a folder of "
            "them, or a migration's id. With --url or --embedded it is that database, with its sizes and what its "
            "server has counted."
        },
        exits={
            0: "nothing was found, all is answered by the setting `accept`, or the migration was written",
            1: "something was found",
            **_USE,
            **_ALL,
        },
        variables={**_SCRATCH, **_OTHERS},
        examples={
            "The migrations, with the application's queries": "mizzle advise --queries queries.sql",
            "A database, by its own statistics": "mizzle advise --url postgresql://localhost/shop",
            "Write what it says of one kind": "mizzle advise --write --only foreign-key-without-index",
        },
        see=("mizzle help generate", "docs/advise.md"),
    ),
    "squash": Page(
        exits={
            0: "written",
            1: "it was not proved, or the folder is not whole",
            2: "wrong use or configuration",
            3: "they make rows, and nothing says what becomes of that: --without-data",
            4: "the throw-away server failed",
        },
        variables={**_SCRATCH, **_OTHERS},
        examples={"All up to one": "mizzle squash --to 20260120143000_initial"},
        see=("mizzle help rebase", "docs/commands.md"),
    ),
    "rebase": Page(
        exits={0: "proved, or nothing to do", 1: "one was not proved, or cannot be put there", **_USE, **_ALL},
        variables={**_SCRATCH, **_OTHERS},
        examples={
            "After git merge, or after an edit": "mizzle rebase",
            "Leave below what others have merged": "mizzle rebase --onto origin/main",
            "Leave below what a database has": 'mizzle rebase --url "$DATABASE_URL"',
        },
        see=("mizzle help generate", "docs/migrations.md"),
    ),
    "studio": Page(
        exits={**_STUDIO, **_DATABASE},
        variables={**_URL, **_OTHERS},
        examples={
            "The project's database": "mizzle studio",
            "Any other, where nothing can be changed": "mizzle studio --url postgresql://localhost/shop",
        },
        see=("mizzle help dev", "docs/studio.md"),
    ),
    "dev": Page(
        exits={**_STUDIO, 1: "folder and history do not fit", **_DATABASE},
        variables={"MIZZLE_...": "Options and settings."},
        examples={"On a free port, without a browser": "mizzle dev --port 0 --no-browser"},
        see=("mizzle help studio", "docs/studio.md"),
    ),
    "completion": Page(
        arguments={"SHELL": "bash, zsh or fish."},
        exits={0: "printed", 2: "wrong use"},
        examples={
            "In ~/.bashrc": 'eval "$(mizzle completion bash)"',
            "In ~/.zshrc": 'eval "$(mizzle completion zsh)"',
            "For fish": "mizzle completion fish > ~/.config/fish/completions/mizzle.fish",
        },
        see=("docs/commands.md",),
    ),
    "schema": Page(
        arguments={"COMMAND": "Without it, it is the schema of all, each under $defs by its name."},
        exits={0: "printed", 2: "there is no such command"},
        examples={
            "Of a command": "mizzle schema status",
            "Of all, into a file": "mizzle schema > mizzle.schema.json",
        },
        see=("docs/json.md",),
    ),
    "help": Page(
        arguments={"COMMAND": "Without it, it is the page of mizzle itself."},
        exits={0: "printed", 2: "there is no such command"},
        examples={"Of a command": "mizzle help migrate"},
        see=("docs/commands.md",),
    ),
}
