"""Mizzle: schema-first migrations for PostgreSQL and SQLAlchemy.

The names below are imported when they are used, so that each command loads only what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mizzle.catalog.catalog import Catalog
    from mizzle.differ.compare import compare
    from mizzle.errors import (
        ConfigError,
        DatabaseError,
        DecisionNeeded,
        ForbiddenError,
        HistoryError,
        ImportFailed,
        LockedError,
        MizzleError,
        ProofError,
        RowsError,
        ScratchError,
        Unsupported,
    )
    from mizzle.planning.plan import Plan, plan
    from mizzle.project.database import migrate
    from mizzle.project.library import scratch
    from mizzle.project.live import read
    from mizzle.project.project import Project

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "ConfigError",
    "DatabaseError",
    "DecisionNeeded",
    "ForbiddenError",
    "HistoryError",
    "ImportFailed",
    "LockedError",
    "MizzleError",
    "Plan",
    "Project",
    "ProofError",
    "RowsError",
    "ScratchError",
    "Unsupported",
    "__version__",
    "compare",
    "migrate",
    "plan",
    "read",
    "scratch",
]

_PLACES = {
    "Catalog": "mizzle.catalog.catalog",
    "Plan": "mizzle.planning.plan",
    "Project": "mizzle.project.project",
    "compare": "mizzle.differ.compare",
    "migrate": "mizzle.project.database",
    "plan": "mizzle.planning.plan",
    "read": "mizzle.project.live",
    "scratch": "mizzle.project.library",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES.get(name, "mizzle.errors")), name)


def __dir__() -> list[str]:
    return __all__
