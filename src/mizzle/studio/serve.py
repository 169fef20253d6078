"""The server: one port on this machine, from the first request to Ctrl-C."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from mizzle.errors import ConfigError
from mizzle.studio import app
from mizzle.studio.admission import Admission
from mizzle.studio.guard import ENTRANCE
from mizzle.studio.state import Studio

PORT = 4973
"""The usual port; where it is taken and none was asked for, any free one."""
LOOPBACK = "127.0.0.1"
_STARTED = 10.0


@dataclass(frozen=True)
class Address:
    """Where studio is reached."""

    host: str
    port: int
    admission: Admission

    def entrance(self) -> str:
        """Return an address that lets one browser in, once."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}{ENTRANCE}?token={self.admission.token()}"


class Server(uvicorn.Server):
    """A server that ends what still runs before it waits for the end of it."""

    def __init__(self, config: uvicorn.Config, studio: Studio) -> None:
        super().__init__(config)
        self._studio = studio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the requests that run, and with them their queries."""
        await self._studio.stop()
        await super().shutdown(sockets)


def listen(host: str = LOOPBACK, port: int | None = None) -> socket.socket:
    """Return a socket that listens. Raises ConfigError where the port is taken or the host is not this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (PORT, 0) if port is None else (port,):
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, wanted))
        except OSError as error:
            found.close()
            if wanted != PORT or port is not None:
                hint = "name another: --port, or --host for another address of this machine"
                raise ConfigError(f"cannot listen on {host}:{wanted}: {error.strerror}", hint=hint) from error
        else:
            found.listen(128)
            return found
    raise AssertionError


def serve(studio: Studio, listening: socket.socket, ready: Callable[[Address], None]) -> None:
    """Serve until interrupted; `ready` is told the address as soon as the first request would be answered."""
    host, port = listening.getsockname()[:2]
    address = Address(host, port, Admission(port))
    server = _server(studio, address)
    threading.Thread(target=_tell, args=(server, address, ready), daemon=True).start()
    server.run(sockets=[listening])


@contextmanager
def serving(studio: Studio, listening: socket.socket) -> Generator[Address]:
    """Serve in a thread of its own, for as long as the block runs."""
    host, port = listening.getsockname()[:2]
    address = Address(host, port, Admission(port))
    server = _server(studio, address)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="mizzle-studio")
    thread.start()
    try:
        _until_started(server)
        yield address
    finally:
        server.should_exit = True
        thread.join()


def _server(studio: Studio, address: Address) -> Server:
    names = {f"{address.host}:{address.port}"}
    if address.host in {LOOPBACK, "::1"}:
        names |= {f"localhost:{address.port}", f"{LOOPBACK}:{address.port}", f"[::1]:{address.port}"}
    config = uvicorn.Config(
        app.create(studio, address.admission, hosts=frozenset(names)),
        log_config=None,  # what is asked for is nobody's business, and the entrance carries a token
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )
    return Server(config, studio)


def _until_started(server: Server) -> None:
    waiting = threading.Event()
    while not server.started and not server.should_exit:
        waiting.wait(0.01)


def _tell(server: Server, address: Address, ready: Callable[[Address], None]) -> None:
    _until_started(server)
    if server.started:
        ready(address)
