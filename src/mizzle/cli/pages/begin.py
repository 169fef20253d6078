"""The pages of the commands below `Begin`."""

from __future__ import annotations

from mizzle.cli.pages.page import ALL, OTHERS, SCRATCH, URL, USE, Page

BEGIN = {
    "init": Page(
        exits={0: "written", 2: "wrong use, or there is a configuration already"},
        examples={
            "Where the models are app/models.py": "mizzle init --models app.models:Base",
            "In another folder": "mizzle -C services/shop init",
        },
        see=("mizzle help generate", "mizzle help adopt", "docs/configuration.md"),
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
        variables={**URL, **SCRATCH, **OTHERS},
        examples={
            "Look, then do it": "mizzle adopt --dry-run\nmizzle adopt",
            "A folder of Drizzle's": "mizzle adopt drizzle ./drizzle",
            "A database that was run by hand": "mizzle adopt database --url postgresql://localhost/shop",
            "One tenant's schema, for those of all": "mizzle adopt database --tenant acme",
        },
        see=("mizzle help baseline", "mizzle help pull", "docs/adopt.md", "docs/alembic.md"),
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
        variables={**URL, **SCRATCH, **OTHERS},
        examples={
            "Into the folder db": "mizzle pull postgresql://localhost/shop",
            "A dump, into the application": "mizzle pull shop.sql --out app/db",
        },
        see=("mizzle help adopt", "docs/pull.md"),
    ),
    "baseline": Page(
        exits={0: "recorded", 1: "the database is not what the migrations make", **USE, **ALL},
        variables={**URL, **SCRATCH, **OTHERS},
        examples={
            "A database that has all of them": "mizzle baseline",
            "One that has the first only": "mizzle baseline --to 20260120143000_initial",
            "All tenants of the list, each compared": "mizzle baseline --fleet",
        },
        see=("mizzle help adopt", "mizzle help resolve", "docs/adopt.md", "docs/tenants.md"),
    ),
}
