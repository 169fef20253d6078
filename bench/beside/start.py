"""Programs that do next to nothing: what Python, node and the tools take to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bench.beside import rows
from bench.measure import Case

EMPTY, IMPORT, VERSION, HELP, DRIVER = (
    "an empty program",
    "import the library",
    "say the version",
    "say the help",
    "connect by psycopg",
)
START = (EMPTY, IMPORT, VERSION, HELP)


class _Tools(Protocol):
    mizzle: Path
    alembic: Path
    django: Path
    drizzle: Path
    drizzle_next: Path


def cases(folder: Path, environment: Mapping[str, str], tools: _Tools) -> Sequence[Case]:
    """Return what is measured."""
    here = folder / "nowhere"
    here.mkdir(exist_ok=True)

    def case(name: str, tool: str, *command: str | Path) -> Case:
        return Case(name, tool, command, here, environment)

    def python(name: str, tool: str, programs: Path, program: str) -> Case:
        return case(name, tool, programs / "python", "-c", program)

    found = [
        python(EMPTY, rows.MIZZLE, tools.mizzle, "pass"),
        python(IMPORT, rows.MIZZLE, tools.mizzle, "import mizzle"),
        python(IMPORT, rows.ALEMBIC, tools.alembic, "import alembic"),
        python(IMPORT, rows.DJANGO, tools.django, "import django.db.migrations"),
        case(VERSION, rows.MIZZLE, tools.mizzle / "mizzle", "--version"),
        case(VERSION, rows.ALEMBIC, tools.alembic / "alembic", "--version"),
        case(VERSION, rows.DJANGO, tools.django / "django-admin", "--version"),
        case(HELP, rows.MIZZLE, tools.mizzle / "mizzle", "--help"),
        case(HELP, rows.ALEMBIC, tools.alembic / "alembic", "--help"),
        case(HELP, rows.DJANGO, tools.django / "django-admin", "help"),
    ]
    for tool, place in ((rows.DRIZZLE, tools.drizzle), (rows.DRIZZLE_NEXT, tools.drizzle_next)):
        program = place / "node_modules" / ".bin" / "drizzle-kit"
        found += [
            case(EMPTY, tool, place / "node", "-e", ""),
            case(VERSION, tool, program, "--version"),
            case(HELP, tool, program, "--help"),
        ]
    return found
