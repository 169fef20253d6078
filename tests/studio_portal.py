"""The portal's database with rows in it, for studio: made once, and cloned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from mizzle.project.database import migrate

if TYPE_CHECKING:
    from servers import Server

ROOT = Path(__file__).parent.parent
PORTAL = ROOT / "portal"
_ROWS = ROOT / "tests" / "studio_rows" / "portal.sql"


def fill(server: Server, name: str = "") -> str:
    """Return the URL of a new database: the portal's migrations applied, thousands of rows in it, analyzed."""
    url = server.create(name)
    migrate(url, PORTAL / "migrations")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_ROWS.read_text().encode())
    return url
