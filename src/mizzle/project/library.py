"""The scratch server for those who use Mizzle as a library."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator
from contextlib import contextmanager

from mizzle.project.config import EMBEDDED
from mizzle.project.project import reachable
from mizzle.prove import Scratch
from mizzle.server import embedded


@contextmanager
def scratch(url: str | None = None, *, also: Collection[str] = ()) -> Generator[Scratch]:
    """Give a scratch PostgreSQL: the embedded one, or any other by `url` (else MIZZLE_SCRATCH_URL).

    On another server databases of our own are made and dropped, and no other is touched:

        with mizzle.scratch() as server:
            catalog = server.load("CREATE TABLE a (b integer)")

    `also` names what is read besides objects: "grants", "owners", "default privileges".
    Raises ScratchError where it cannot start or be reached.
    """
    found = url or os.environ.get("MIZZLE_SCRATCH_URL") or EMBEDDED
    if found != EMBEDDED:
        with Scratch(reachable(found), private=False, also=also) as server:
            yield server
        return
    with embedded.launch_scratch() as cluster:
        cluster.wait()
        with Scratch(cluster.conninfo, private=True, major=cluster.binaries.major, also=also) as server:
            yield server
