"""The embedded PostgreSQL that lives as long as the tests: of one process, or of several that share it.

Several processes meet in a folder. A process of its own, the keeper, has the server: whoever comes first starts it, and
it ends when nobody holds the lock `users` any more, however the users have ended.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mizzle.errors import ScratchError
from mizzle.runner.url import parameters
from mizzle.server import datadir, embedded
from mizzle.testing import urls

CONNECTIONS = 200
USERS, SERVER = "mizzle-users", "mizzle-server"


@contextmanager
def server(place: Path | None) -> Generator[str]:
    """Give the URL of an embedded server; with a folder, the one that all share who name it. Raises ScratchError."""
    if place is None:
        with embedded.launch_scratch(connections=CONNECTIONS) as cluster:
            cluster.wait()
            yield address(cluster)
        return
    with datadir.locked(place / USERS, shared=True):  # waits for a keeper that is about to end
        with datadir.locked(place / "mizzle-start"):
            if not (place / SERVER).exists():
                _start(place)
        yield (place / SERVER).read_text(encoding="utf-8")


def address(cluster: embedded.ScratchCluster) -> str:
    """Return the URL of a server's own database."""
    return urls.url(parameters(cluster.conninfo), "postgres")


def _start(place: Path) -> None:
    command = [sys.executable, "-m", "mizzle.testing.keeper", str(place)]
    log = place / "mizzle-keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, start_new_session=True
        )
    assert keeper.stdout is not None
    with keeper.stdout:
        ready = keeper.stdout.readline()
    keeper.returncode = 0  # it outlives this process, and nobody waits for it
    if not ready:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        message, _, hint = said.rpartition("\nhint: ")
        raise ScratchError(message or said, hint=hint if message else f"look into {log}")
