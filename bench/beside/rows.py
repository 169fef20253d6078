"""What is measured, by the names of the rows, and why a tool has no figure in one."""

from __future__ import annotations

IMPORT = "the models' import alone"
UNTOUCHED, SAVED = "find no change, nothing touched", "find no change, a module saved again"
CHANGE = "generate one added column"
DRIFT = "compare a live database"
CHECK_LIVE = "all that CI asks, with a live database"
RUN, NOTHING = "migrate from nothing", "migrate, nothing to do"
SIZED = (IMPORT, UNTOUCHED, SAVED, CHANGE, DRIFT, CHECK_LIVE, RUN, NOTHING)
"""The rows that are measured at each number of tables."""

NO_CHANGE = "generate, nothing to do"
ONE = "migrate, one pending"
STATUS, CHECK = "status", "check the folder"
LONG = (NO_CHANGE, CHANGE, NOTHING, ONE, STATUS, CHECK)
"""The rows that are measured at each length of the history."""

MIZZLE, ALEMBIC, DJANGO, MIGRA = "Mizzle", "Alembic", "Django", "migra"
DRIZZLE, DRIZZLE_NEXT = "drizzle-kit 0.31", "drizzle-kit 1.0 rc"
TOOLS = (MIZZLE, DRIZZLE, DRIZZLE_NEXT, ALEMBIC, DJANGO, MIGRA)

COMMANDS: dict[str, dict[str, str]] = {
    IMPORT: {
        MIZZLE: "`python -c 'import …'`",
        DRIZZLE: "`node -e`, tsx and schema.ts",
        DRIZZLE_NEXT: "`node -e`, jiti and schema.ts",
        ALEMBIC: "as Mizzle",
        DJANGO: "`django.setup()`",
    },
    UNTOUCHED: {
        MIZZLE: "`mizzle generate`",
        DRIZZLE: "`drizzle-kit generate`",
        DRIZZLE_NEXT: "`drizzle-kit generate`",
        ALEMBIC: "`alembic check`",
        DJANGO: "`makemigrations --check`",
    },
    CHANGE: {
        MIZZLE: "`mizzle generate`",
        DRIZZLE: "`drizzle-kit generate`",
        DRIZZLE_NEXT: "`drizzle-kit generate`",
        ALEMBIC: "`alembic revision --autogenerate`",
        DJANGO: "`makemigrations`",
    },
    DRIFT: {
        MIZZLE: "`mizzle diff URL head`",
        DRIZZLE: "`drizzle-kit push`",
        DRIZZLE_NEXT: "`drizzle-kit push`",
        ALEMBIC: "`alembic check`",
        MIGRA: "`migra URL URL`",
    },
    CHECK_LIVE: {MIZZLE: "`mizzle check --url URL`"},
    RUN: {
        MIZZLE: "`mizzle migrate`",
        DRIZZLE: "`drizzle-kit migrate`",
        DRIZZLE_NEXT: "`drizzle-kit migrate`",
        ALEMBIC: "`alembic upgrade head`",
        DJANGO: "`migrate`",
    },
    STATUS: {MIZZLE: "`mizzle status`", ALEMBIC: "`alembic current`", DJANGO: "`showmigrations`"},
    CHECK: {MIZZLE: "`mizzle check`", DRIZZLE: "`drizzle-kit check`", DRIZZLE_NEXT: "`drizzle-kit check`"},
}
"""The command that a tool has for a row; a row without one has none for it, and the others are as those named alike."""
