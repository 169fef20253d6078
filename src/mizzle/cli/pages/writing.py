"""The pages of the commands below `Write migrations`."""

from __future__ import annotations

from mizzle.cli.pages.page import ALEMBIC, ALL, ASKED, MODELS, OTHERS, SCRATCH, USE, Page

WRITING = {
    "generate": Page(
        arguments={"NAME": "What the migration is called; without it, after its first change."},
        exits={
            0: "written, or there are no changes",
            1: "it was not proved, has a forbidden hazard, or the folder is not whole",
            **USE,
            **ASKED,
            **MODELS,
        },
        variables={**SCRATCH, **ALEMBIC, **OTHERS},
        examples={
            "What has changed in the models": "mizzle generate",
            "A column that has a new name": "mizzle generate --rename public.users.name:full_name",
            "One to write by hand, which rebase then proves": "mizzle generate --custom fill_emails\nmizzle rebase",
        },
        see=("mizzle help migrate", "docs/migrations.md", "docs/hazards.md", "docs/expand-contract.md"),
    ),
    "rebase": Page(
        exits={0: "proved, or nothing to do", 1: "one was not proved, or cannot be put there", **USE, **ALL},
        variables={**SCRATCH, **OTHERS},
        examples={
            "After git merge, or after an edit": "mizzle rebase",
            "Leave below what others have merged": "mizzle rebase --onto origin/main",
            "Leave below what a database has": 'mizzle rebase --url "$DATABASE_URL"',
        },
        see=("mizzle help generate", "docs/migrations.md"),
    ),
    "squash": Page(
        exits={
            0: "written",
            1: "it was not proved, or the folder is not whole",
            2: "wrong use or configuration",
            3: "they make rows, and nothing says what becomes of that: --without-data",
            4: "the throw-away server failed",
        },
        variables={**SCRATCH, **OTHERS},
        examples={"All up to one": "mizzle squash --to 20260120143000_initial"},
        see=("mizzle help rebase", "docs/commands.md"),
    ),
}
