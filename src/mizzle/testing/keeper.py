"""`python -m mizzle.testing.keeper FOLDER`: has the embedded PostgreSQL that the processes of a test run share."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from mizzle.errors import MizzleError
from mizzle.server import embedded
from mizzle.testing import shared


def keep(place: Path) -> None:
    """Start the server, write its URL into the folder `place`, say so on stdout, and stay until nobody uses it."""
    with embedded.launch_scratch(connections=shared.CONNECTIONS) as cluster:
        cluster.wait()
        unfinished = place / f"{shared.SERVER}-{os.getpid()}"
        unfinished.write_text(shared.address(cluster), encoding="utf-8")
        unfinished.rename(place / shared.SERVER)
        os.write(1, b"ready\n")
        os.close(1)
        users = os.open(place / shared.USERS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(users, fcntl.LOCK_EX)  # whoever comes from here on waits until this process has ended
        (place / shared.SERVER).unlink()


if __name__ == "__main__":
    try:
        keep(Path(sys.argv[1]))
    except MizzleError as error:
        sys.exit(str(error))
