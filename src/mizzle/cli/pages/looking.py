"""The pages of the commands below `Look`."""

from __future__ import annotations

from mizzle.cli.pages.page import ALL, DATABASE, OTHERS, SCHEMAS, SCRATCH, STUDIO, URL, USE, Page

LOOKING = {
    "check": Page(
        exits={0: "nothing was found, or warnings only", 1: "something was found", **USE, **ALL},
        variables={**SCRATCH, **OTHERS},
        examples={
            "In CI, at the lines of a pull request": "mizzle check --format github",
            "Whether somebody changed a database": 'mizzle check --url "$DATABASE_URL"',
        },
        see=("mizzle help status", "docs/ci.md", "docs/lint.md"),
    ),
    "show": Page(
        arguments={"MIGRATION": "The id of one; without any, it is the last."},
        exits={0: "shown", 1: "the folder is not whole", **USE},
        variables=OTHERS,
        examples={
            "The last one": "mizzle show",
            "The comment for a pull request": "mizzle show --since origin/main --format markdown",
        },
        see=("mizzle help diff", "docs/ci.md", "docs/hazards.md"),
    ),
    "diff": Page(
        arguments={"A, B": f"Each: {SCHEMAS}."},
        exits={0: "equal", 1: "not equal, or not proved (--prove)", **USE, **ALL},
        variables={**SCRATCH, **OTHERS},
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
            **USE,
            **ALL,
        },
        variables={**SCRATCH, **OTHERS},
        examples={
            "The migrations, with the application's queries": "mizzle advise --queries queries.sql",
            "A database, by its own statistics": "mizzle advise --url postgresql://localhost/shop",
            "Write what it says of one kind": "mizzle advise --write --only foreign-key-without-index",
        },
        see=("mizzle help generate", "docs/advise.md"),
    ),
    "studio": Page(
        exits={**STUDIO, **DATABASE},
        variables={**URL, **OTHERS},
        examples={
            "The project's database": "mizzle studio",
            "Any other, where nothing can be changed": "mizzle studio --url postgresql://localhost/shop",
        },
        see=("mizzle help dev", "docs/studio.md"),
    ),
}
