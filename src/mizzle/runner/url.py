"""Database URLs: read in each spelling that is about, and never printed with a password."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import quote, quote_from_bytes, unquote, unquote_to_bytes

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from mizzle.errors import ConfigError

_FORM = "write it as postgresql://user:password@host:5432/database"
_ESCAPE = "in a user or a password write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25"
_LAST_PORT = 65535
_DIALECTS = frozenset({"postgres", "postgresql"})
_SSL = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
# What URLs may carry for SQLAlchemy, asyncpg or psycopg alone; libpq does not know these.
_CLIENT_ONLY = frozenset(
    "async_fallback command_timeout direct_tls prepare_threshold prepared_max prepared_statement_cache_size "
    "prepared_statement_name_func server_settings statement_cache_size".split()
)
# Drivers that do not speak through libpq: what it does not know of their parameters is theirs.
_APART = frozenset({"asyncpg", "pg8000"})
_SOCKET = "/.s.PGSQL."


def parameters(url: str) -> dict[str, str]:
    """Return libpq's parameters of a URL or a `host=... dbname=...` string.

    The driver of a SQLAlchemy URL is stripped; what asyncpg and pg8000 call otherwise is understood. Raises
    ConfigError, whose text shows nothing of a password, for one that cannot be read.
    """
    text = _conninfo(url.strip())
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(text).items() if value is not None}
    except psycopg.ProgrammingError:
        # libpq's message quotes what it could not read, which may be a password: it is not passed on.
        raise ConfigError("the database URL cannot be read", hint=f"{_FORM}; {_ESCAPE}") from None
    if not all(map(_is_port, found.get("port", "").split(","))):
        raise ConfigError("the port in the database URL is not a number up to 65535", hint=f"{_FORM}; {_ESCAPE}")
    return found


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) <= len("65535") and int(text) <= _LAST_PORT)


def redact(url: str) -> str:
    """Return what may be printed of a URL: role, host, port and database, never a password."""
    try:
        return describe(parameters(url))
    except ConfigError:
        return "(a database URL that cannot be read)"


def describe(found: dict[str, str]) -> str:
    """Return libpq parameters as a URL of role, host, port and database."""
    user = f"{quote(found['user'], safe='')}@" if "user" in found else ""
    host = found.get("host", found.get("hostaddr", ""))
    database = quote(found.get("dbname", ""), safe="")
    if host.startswith(("/", "@")):
        port = f"&port={found['port']}" if "port" in found else ""
        return f"postgresql://{user}/{database}?host={quote(host, safe='/@')}{port}"
    ports = found.get("port", "").split(",")
    names = [f"[{name}]" if ":" in name else name for name in host.split(",")]
    hosts = zip_longest(names, ports, fillvalue=ports[0] if len(ports) == 1 else "")
    places = ",".join(f"{name}:{port}" if port else name for name, port in hosts)
    return f"postgresql://{user}{places}/{database}"


def _conninfo(text: str) -> str:
    """Return what libpq reads: a URL in its own spelling, or the `name=value` string as it is."""
    if not text:
        raise ConfigError("the database URL is empty", hint=_FORM)
    if "\0" in text:
        raise ConfigError("the database URL holds a zero byte", hint=_FORM)
    if any("\ud800" <= each <= "\udfff" for each in text):  # bytes that Python could not read as UTF-8
        raise ConfigError("the database URL is not UTF-8", hint=_FORM)
    if text[0] in "\"'":  # as docker's --env-file leaves them
        raise ConfigError("the database URL stands in quotes", hint="take them off")
    scheme, separator, rest = text.partition("://")
    if "=" in scheme:
        return text
    if not separator:
        raise ConfigError("this is no database URL", hint=_FORM)
    dialect, _, driver = scheme.lower().partition("+")
    if dialect not in _DIALECTS:
        of = f" but of {dialect}" if dialect.isalpha() else ""
        raise ConfigError(f"the database URL is not one of PostgreSQL{of}", hint=_FORM)
    place, mark, query = rest.partition("?")
    authority, slash, database = place.partition("/")
    if "@" in database:  # part of a password, perhaps, that would be printed as a host's name
        raise ConfigError("the database URL has an @ behind its first /", hint=_ESCAPE)
    settings = "&".join(_settings(query, driver)) if mark else ""
    return f"postgresql://{_authority(authority)}{slash}{database}{'?' if settings else ''}{settings}"


def _authority(text: str) -> str:
    """Return `user:password@hosts` with whatever stands before the last @ escaped."""
    userinfo, at, hosts = text.rpartition("@")
    user, colon, password = userinfo.partition(":")
    return f"{_escaped(user)}{colon}{_escaped(password)}{at}{hosts}"


def _escaped(text: str) -> str:
    """Escape what is not escaped yet."""
    return quote_from_bytes(unquote_to_bytes(text), safe="")


def _settings(query: str, driver: str) -> Iterator[str]:
    """Yield each `name=value` of the query as libpq knows it, without what is the client's own.

    Hosts may be named one by one, each with its port (`host=a:5432&host=b:5432`), as SQLAlchemy has them.
    """
    hosts: list[tuple[str, str]] = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name == "host" or (name == "unix_sock" and driver in _APART):
            hosts.append(_place(value))
        elif name in {"ssl", "ssl_context"}:
            yield f"sslmode={_SSL.get(value.lower(), value)}"
        elif name == "timeout" and driver in _APART:
            yield f"connect_timeout={value.partition('.')[0]}"
        elif name not in _CLIENT_ONLY and (driver not in _APART or name in _known()):
            yield f"{name}={value.replace('=', '%3D')}"  # options=-csearch_path=a, as SQLAlchemy reads it
    if hosts:
        yield f"host={','.join(host for host, _ in hosts)}"
    if any(port for _, port in hosts):
        yield f"port={','.join(port for _, port in hosts)}"


def _place(value: str) -> tuple[str, str]:
    """Return host and port of one `host=...`, or of a socket that is named by its file; several stay as they are."""
    text = unquote(value)
    folder, socket, number = text.rpartition(_SOCKET)
    if socket:
        return quote(folder, safe="/"), number
    host, colon, port = text.rpartition(":")
    if colon and port.isdecimal() and "," not in text and ":" not in host:
        return quote(host), port
    return value, ""


def _known() -> frozenset[str]:
    return frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())
