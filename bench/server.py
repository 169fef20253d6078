"""The PostgreSQL that migrations run on: one for all tools, durability off, reached over TCP as in production."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import Server, embedded_bin, tcp_url

MAJOR = 18


@dataclass(frozen=True, slots=True)
class Databases:
    """The databases of one project, by a short name."""

    server: Server
    project: str

    def url(self, name: str) -> str:
        """Return the URL of a database, whether it is there or not."""
        return tcp_url(self.server.url(f"{self.project}_{name}"))

    def empty(self, name: str) -> None:
        """Make a database anew, with nothing in it."""
        self.server.drop(self.url(name))
        self.server.create(f"{self.project}_{name}")

    def copy(self, name: str, *, to: str) -> None:
        """Make a database anew, as a copy of another one that nobody is connected to."""
        self.server.drop(self.url(to))
        self.server.create(f"{self.project}_{to}", template=f"{self.project}_{name}")

    def named(self, name: str) -> str:
        """Return the URL of a new, empty database."""
        self.empty(name)
        return self.url(name)


@contextmanager
def running() -> Generator[Server]:
    """Start the server and stop it afterwards."""
    server = Server.start(MAJOR, embedded_bin())
    try:
        yield server
    finally:
        server.stop()
