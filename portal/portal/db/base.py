"""What every table has in common: its key, the names of its constraints, and what Python types become.

Nothing here knows a table; the tables are in `schema.py`.
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import DateTime, Enum, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "fk": "%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s_%(referred_column_0_name)s_fk",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

Count = Annotated[int, mapped_column(server_default=text("0"))]
"""A number that the server starts at 0."""

Json = Annotated[Any, mapped_column(JSONB(none_as_null=True))]
"""Any JSON value; None is SQL's NULL, not JSON's null."""

Now = Annotated[datetime, mapped_column(server_default=func.now())]
"""A moment without time zone that the server sets when the row is made."""


def stored_values(kind: type[StrEnum]) -> list[str]:
    """The labels of the PostgreSQL enum: the values, in order, not Python's member names."""
    return [member.value for member in kind]


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """The PostgreSQL enum type `name` with the values of `kind` as its labels."""
    return Enum(kind, name=name, values_callable=stored_values)


class Base(DeclarativeBase):
    """The portal's declarative base: each table gets its `id` here, from the server, never sequential."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=False),
        str: Text(),
    }

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid(), sort_order=-1)
