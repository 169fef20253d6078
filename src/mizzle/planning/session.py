"""What a session pins, so that neither what PostgreSQL prints nor what it reads depends on whose session it is."""

from __future__ import annotations

from mizzle.names import ident, literal

PINS: tuple[tuple[str, str], ...] = (
    ("search_path", ""),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("client_encoding", "UTF8"),
    ("standard_conforming_strings", "on"),
    ("quote_all_identifiers", "off"),
    ("transform_null_equals", "off"),
    ("bytea_output", "hex"),
    ("xmloption", "content"),
    ("check_function_bodies", "off"),
)
"""Setting and value, as set_config() takes them; search_path is empty, so that only pg_catalog needs no schema.

The body of a function is a string that may need another search_path, or tables that come later: it is not looked at.
"""


def pin_sql(schema: str = "", *, more: tuple[tuple[str, str], ...] = ()) -> str:
    """Return one SELECT, without WHERE and semicolon, that pins the session: PINS, then `more`; a row for each.

    `schema` is the raw name of the one schema that search_path shall hold, where a project keeps one per tenant.
    """
    pins = {**dict(PINS), **({"search_path": ident(schema)} if schema else {}), **dict(more)}
    values = ", ".join(f"({literal(name)}, {literal(value)})" for name, value in pins.items())
    return f"SELECT pg_catalog.set_config(name, value, false) FROM (VALUES {values}) AS pins (name, value)"
