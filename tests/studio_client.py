"""Studio as a browser meets it: a server on a real port, and requests over real connections."""

from __future__ import annotations

import http.client
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from mizzle.studio import app, serve
from mizzle.studio.database import Database
from mizzle.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mizzle.project.project import Project
    from mizzle.studio.serve import Address


@dataclass
class Answer:
    """A response, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """Talks to one studio; `cookie` is what it was let in with."""

    address: Address
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The Host that a browser would send."""
        return f"127.0.0.1:{self.address.port}"

    def send(
        self, method: str, path: str, body: bytes | None = None, *, headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """Send one request, with the headers of an own page unless others are given (None: without it)."""
        said: dict[str, str | None] = {"host": self.host, "cookie": self.cookie or None}
        if method == "POST":
            said |= {"origin": f"http://{self.host}", "content-type": "application/json"}
        said |= headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=120)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in said.items():
            if value is not None:
                connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return answer

    def get(self, path: str, **params: object) -> Answer:
        """Ask an endpoint; lists and objects go as JSON."""
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in params.items() if v is not None}
        return self.send("GET", f"/api/{path}" + (f"?{urlencode(given)}" if given else ""))

    def post(self, path: str, **body: object) -> Answer:
        """Send an endpoint JSON."""
        return self.send("POST", f"/api/{path}", json.dumps(body).encode())

    def enter(self) -> None:
        """Go in by a new address, as the browser does."""
        path = self.address.entrance().partition(self.host)[2]
        answer = self.send("GET", path)
        assert answer.status == 200, answer.body
        self.cookie = answer.headers["set-cookie"].partition(";")[0]


@contextmanager
def studio(
    url: str, *, write: bool = False, tenants: str = "", project: Project | None = None, role: str = ""
) -> Generator[Client]:
    """Serve a database, and give a client that was let in."""
    if not app.are_built():
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("the pages of studio are not built: make studio, which needs npm")
    served = Studio(Database(url, role=role, schemas=("public",), write=write), tenants, project)
    with serve.serving(served, serve.listen(port=0)) as address:
        client = Client(address)
        client.enter()
        yield client
