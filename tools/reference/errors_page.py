"""docs/errors.md: the exit codes, and each error with what its docstring says; the classes of commands.md, too."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from tools.reference.blocks import Maker, documentation, table

from mizzle import errors
from mizzle.errors import EXIT_CODES, MizzleError

_SOURCES = Path(errors.__file__).parent


def makers() -> dict[str, Maker]:
    """Return what makes each block of the page, by its name."""
    found: dict[str, Maker] = {"exit codes": exit_codes, "classes": _overview}
    return found | {each.__name__: partial(_error, each) for each in public()}


def exit_codes() -> list[str]:
    """Return the table of exit codes."""
    return table(("code", "meaning"), ((f"{code}", meaning) for code, meaning in EXIT_CODES.items()))


def public() -> list[type[MizzleError]]:
    """Return the errors that have a chapter, in the order of the code; what is below one of them is told there."""
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, MizzleError)][1:]


def _overview() -> list[str]:
    rows = (
        (f"[`{each.__name__}`](#{each.__name__.lower()})", f"{each.exit_code}", documentation(each)[0])
        for each in public()
    )
    return table(("error", "exit code", "what it is"), rows)


def _error(error: type[MizzleError]) -> Iterator[str]:
    (base,) = error.__bases__
    kind = "" if base is MizzleError else f" A [`{base.__name__}`](#{base.__name__.lower()})."
    yield from (f"Exit code {error.exit_code}.{kind}", "")
    yield from documentation(error)
    for each in _narrower(error):
        yield from ("", f"`{each.__name__}`, one of them: {documentation(each)[0]}")


def _narrower(error: type[MizzleError]) -> list[type[MizzleError]]:
    _import_all()
    below = [each for each in error.__subclasses__() if each not in public()]
    return sorted(below, key=lambda each: each.__name__)


@cache
def _import_all() -> None:
    """Import whatever defines an error, so that none is left out."""
    bases = tuple(f"({each.__name__}):" for each in public())
    for path in sorted(_SOURCES.rglob("*.py")):
        if any(base in path.read_text(encoding="utf-8") for base in bases):
            importlib.import_module(".".join(path.relative_to(_SOURCES.parent).with_suffix("").parts))
