"""URLs of the databases that are made, for drivers of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def url(parameters: Mapping[str, str], database: str) -> str:
    """Return the URL of another database on the server that libpq's `parameters` lead to, password and all."""
    rest = {name: value for name, value in parameters.items() if name not in {"user", "password", "host", "port"}}
    rest.pop("dbname", None)
    host, port = parameters.get("host", ""), parameters.get("port", "")
    if host.startswith(("/", "@")) or "," in host or not host:  # a socket, or several servers
        rest |= {name: parameters[name] for name in ("host", "port") if name in parameters}
        host = port = ""
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    query = f"?{urlencode(rest, safe='/@,', quote_via=quote)}" if rest else ""
    return f"postgresql://{_user(parameters)}{place}/{quote(database, safe='')}{query}"


def _user(parameters: Mapping[str, str]) -> str:
    if "user" not in parameters:
        return ""
    password = f":{quote(parameters['password'], safe='')}" if "password" in parameters else ""
    return f"{quote(parameters['user'], safe='')}{password}@"
