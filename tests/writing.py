"""A client that writes while others migrate, and knows what must be there of it in the end."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_LONGEST = 90  # seconds for a row to be written


@dataclass
class Writer:
    """A client that adds rows and changes others all the while, and knows what must be there of it.

    It can do so in tables called `things` and `parts`; where the number of a thing is an identity, the server gives it.
    """

    url: str
    columns: Mapping[str, tuple[str, ...]]
    numbered: bool
    written: dict[int, int] = field(default_factory=dict[int, int])
    renamed: dict[int, str] = field(default_factory=dict[int, str])
    failed: list[BaseException] = field(default_factory=list[BaseException])
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def write(self, connection: psycopg.Connection[Any]) -> None:
        """Add a row, and change one that was there; what was in the way of others' locks is done again."""
        number = 100_000 + len(self.written)
        columns, values = ("", "") if self.numbered else ("id, ", f"{number}, ")
        insert = (
            f"INSERT INTO public.things ({columns}name, kind, code, owner) "
            f"VALUES ({values}'new', 1, {number}, 1) RETURNING id"
        )
        ((made,),) = self._patiently(connection, insert)
        self.written[made] = number
        if "parts" in self.columns:
            self._patiently(connection, f"INSERT INTO public.parts VALUES ({number}, {made}) RETURNING id")
        old = number * 37 % 5000 + 1
        self._patiently(connection, f"UPDATE public.things SET name = 'seen {number}' WHERE id = {old} RETURNING id")
        self.renamed[old] = f"seen {number}"

    def write_on(self) -> None:
        """Wait until another row is written."""
        number, deadline = len(self.written), time.monotonic() + _LONGEST
        while len(self.written) == number:
            assert self.failed == []
            assert time.monotonic() < deadline, "it cannot write"
            time.sleep(0.002)

    def over(
        self, there: Mapping[str, list[tuple[Any, ...]]], columns: Mapping[str, tuple[str, ...]]
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows that must be there: those of an undisturbed run, with what it has written."""
        named = [dict(zip(columns["things"], row, strict=True)) for row in there["things"]]
        things = [row | ({"name": self.renamed[row["id"]]} if row["id"] in self.renamed else {}) for row in named]
        things += [
            {"id": made, "name": "new", "kind": 1, "code": number, "owner": 1, "at": None}
            for made, number in self.written.items()
        ]
        found = {**there, "things": [tuple(row.get(column) for column in columns["things"]) for row in things]}
        if "parts" in there:
            found["parts"] = [*there["parts"], *((number, made) for made, number in self.written.items())]
        return {table: sorted(each, key=repr) for table, each in found.items()}

    def _write(self) -> None:
        try:
            with closing(self.connected()) as connection:
                while not self._over.wait(0.002):
                    self.write(connection)
        except BaseException as error:  # noqa: BLE001 - the test's, to raise
            self.failed.append(error)

    def connected(self) -> psycopg.Connection[Any]:
        """Return a connection to write by."""
        return psycopg.connect(self.url, autocommit=True, prepare_threshold=None, application_name="writer")

    def _patiently(self, connection: psycopg.Connection[Any], sql: str) -> list[tuple[Any, ...]]:
        while True:
            try:
                return connection.execute(sql.encode()).fetchall()
            except psycopg.errors.DeadlockDetected:
                continue
