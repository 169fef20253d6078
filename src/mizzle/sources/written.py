"""Models that were just written, as text: run in a module of their own, mapped, and compiled to DDL."""

from __future__ import annotations

import sys
import warnings
from types import ModuleType

from mizzle.errors import ConfigError, ImportFailed
from mizzle.sources import metadata

_NEEDED = (2, 0)


def ddl(text: str, *, name: str, major: int) -> tuple[str, ...]:
    """Return the statements that create what the module `text` defines in `Base`, as metadata.ddl() does.

    `name` is the module's name while it runs; it is gone afterwards. Raises ImportFailed where it cannot be run or
    mapped, or SQLAlchemy warns of it; ConfigError where it cannot be compiled.
    """
    from sqlalchemy.orm import configure_mappers  # noqa: PLC0415 - importing it takes longer than most commands do

    module = ModuleType(name)
    sys.modules[name] = module  # SQLAlchemy looks there for what annotations name
    try:
        with warnings.catch_warnings(action="error"):
            exec(compile(text, f"{name}.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own text
            configure_mappers()
        return metadata.ddl([module.__dict__["Base"].metadata], major=major)
    except ConfigError:
        raise
    except Exception as error:
        message = f"the models that were written cannot be used: {type(error).__name__}: {error}"
        raise ImportFailed(message, hint="nothing was written; please report it with the schema") from error
    finally:
        if (base := module.__dict__.get("Base")) is not None:
            base.registry.dispose()
        del sys.modules[name]


def expect_sqlalchemy() -> None:
    """Raise ImportFailed where there is no SQLAlchemy that knows typed models."""
    try:
        import sqlalchemy  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise ImportFailed(
            "models need SQLAlchemy, which is not installed", hint="pip install 'sqlalchemy>=2.1'"
        ) from error
    if tuple(map(int, sqlalchemy.__version__.split(".")[:2])) < _NEEDED:
        raise ImportFailed(f"models need SQLAlchemy 2, and this is {sqlalchemy.__version__}", hint="upgrade it")
