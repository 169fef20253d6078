"""The pages of the commands below `Run them`."""

from __future__ import annotations

from mizzle.cli.pages.page import ALL, ASKED, DATABASE, OTHERS, SCRATCH, STUDIO, TRACES, URL, USE, Page

RUNNING = {
    "migrate": Page(
        exits={
            0: "all is applied, or was shown (--dry-run)",
            1: "folder and history do not fit: edited, missing, unknown",
            **USE,
            4: "a step failed, rows are in the way, or the database cannot be reached; of a fleet: some failed",
        },
        variables={**URL, **TRACES, **OTHERS},
        examples={
            "See first, then run": "mizzle migrate --dry-run\nmizzle migrate",
            "All databases of a file, eight at once": "mizzle migrate --fleet databases.txt --jobs 8",
            "When no old code runs any more": "mizzle migrate --contract",
        },
        see=("mizzle help rollback", "docs/deployment.md", "docs/tenants.md", "docs/log.md"),
    ),
    "status": Page(
        exits={0: "all are applied", 1: "one is not applied as it should be", **USE, **DATABASE},
        variables={**URL, **OTHERS},
        examples={
            "The database of DATABASE_URL": "mizzle status",
            "For a script": "mizzle status --json",
            "All of the fleet": "mizzle status --fleet",
        },
        see=("mizzle help check", "mizzle help migrate", "docs/history.md"),
    ),
    "rollback": Page(
        exits={
            0: "reverted, or nothing to revert",
            1: "not wanted, or folder and history do not fit",
            **USE,
            **ASKED,
            **DATABASE,
        },
        variables={**URL, **TRACES, **OTHERS},
        examples={
            "See what it deletes, then do it": "mizzle rollback --dry-run\nmizzle rollback",
            "All behind a migration": "mizzle rollback --to 20260120143000_initial",
            "Though a table goes": "mizzle rollback --accept-data-loss public.orders",
        },
        see=("mizzle help resolve", "docs/deployment.md", "docs/history.md"),
    ),
    "resolve": Page(
        arguments={"ID": "The migration."},
        exits={0: "recorded", 1: "it is recorded so already, or its files are not proved", **USE, **DATABASE},
        variables={**URL, **OTHERS},
        examples={
            "It was run by hand": 'mizzle resolve 20260120143000_initial --applied --reason "ran in psql"',
            "It was undone by hand": 'mizzle resolve 20260120143000_initial --reverted --reason "undone in psql"',
        },
        see=("mizzle help status", "mizzle help baseline", "docs/history.md"),
    ),
    "push": Page(
        exits={
            0: "applied, or equal already",
            1: "not wanted, or the database has a migration history, of any tool",
            **USE,
            **ASKED,
            **ALL,
        },
        variables={**URL, **SCRATCH, **OTHERS},
        examples={
            "The project's own development database": "mizzle push --embedded",
            "Without asking, though a column goes": "mizzle push --yes --accept-data-loss public.users.nickname",
        },
        see=("mizzle help generate", "mizzle help diff", "docs/push.md"),
    ),
    "dev": Page(
        exits={**STUDIO, 1: "folder and history do not fit", **DATABASE},
        variables={"MIZZLE_...": "Options and settings."},
        examples={"On a free port, without a browser": "mizzle dev --port 0 --no-browser"},
        see=("mizzle help studio", "docs/studio.md"),
    ),
}
