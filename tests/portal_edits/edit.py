"""One edit of the portal's models, and what is expected of the migration that comes of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = "portal/db/schema.py"
_IMPORTS = (
    "import uuid\n",
    "import uuid\n\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql as pg\n",
)

UNSAID = "?"
BOTH = (15, 18)

Text = tuple[str, str]
"""What stands once in the models, and what is to stand there instead."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the models' text; `sa` and `pg` are SQLAlchemy and its PostgreSQL dialect there.

    Expected is: the database ends in what create_all() makes of the edited models, and undone as it was before; each
    column that is there before and after holds in every row what it held. Beyond that:

    `hazards`: the codes in the head of up.sql, no others. `only`: each statement of up.sql begins with one of these.
    `values`: SQL over the old table for what a column (`table.column`) that is new or changed holds afterwards, UNSAID
    where it cannot be said; `undone`: the same for a column after the undo. `lost`: tables that are empty after
    the undo. `holds`: queries that are true once it ran (what they change is taken back). `then`: what happens between
    the migration and its undo.
    `refused`: the rows are in the way, and this is said; after `mend` it goes through. `partly`: it is said by a step
    behind others, which stay. `undo_refused` and `undo_mend`: the same for the undo.
    `rich`: the edit is one of the models that RICH has made. `flags` are those of `mizzle generate`. `on`: the majors
    of PostgreSQL that see it. `settled`: the texts of what create_all() makes come out differently when they are loaded
    once more, as mizzle does.
    """

    name: str
    text: tuple[Text, ...]
    _: KW_ONLY
    flags: tuple[str, ...] = ()
    rich: bool = False
    on: tuple[int, ...] = (18,)
    settled: bool = False
    hazards: str = ""
    only: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    undone: Mapping[str, str] = field(default_factory=dict[str, str])
    lost: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    then: str = ""
    refused: str = ""
    mend: str = ""
    partly: bool = False
    undo_refused: str = ""
    undo_mend: str = ""

    def renames(self) -> dict[tuple[str, ...], str]:
        """Return what the flags rename: (table,) or (table, column) as it was, and the new name."""
        pairs = [flag.removeprefix("--rename=public.").split(":") for flag in self.flags if flag.startswith("--rename")]
        return {tuple(old.split(".")): new for old, new in pairs}

    def origins(self) -> dict[str, str]:
        """Return what renamed tables were called."""
        return {new: names[0] for names, new in self.renames().items() if len(names) == 1}


def apply(text: tuple[Text, ...], folder: Path) -> None:
    """Change the models of the project in `folder`."""
    path = folder / SCHEMA
    models = path.read_text()
    if "import sqlalchemy as sa" not in models:
        text = (_IMPORTS, *text)
    for old, new in text:
        assert models.count(old) == 1, f"{models.count(old)} times in the models: {old}"
        models = models.replace(old, new)
    path.write_text(models)
