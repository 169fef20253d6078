"""Roles that a schema names: made where they are missing, since they belong to a server and not to a schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from psycopg import errors, sql

from mizzle.errors import ScratchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers import Server

T = TypeVar("T")


def with_roles(server: Server, work: Callable[[], T]) -> T:
    """Do `work`, again for each role that it says `server` lacks and that is made then."""
    while True:
        try:
            return work()
        except (errors.UndefinedObject, ScratchError) as error:
            missing = re.search(r'role "?([^"\s]+)"? does not exist', str(error))
            if missing is None:
                raise
            server.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(missing[1])))
