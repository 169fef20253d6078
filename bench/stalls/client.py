"""One client, in a process of its own: statements one after the other, and how long each was waited for.

Arguments: a file for what it records, then JSON: the URL, the statements with the share of rows that they go by, the
first new number of a row, the step to the next, the number of rows, the seconds between two statements, a seed. It
prints `ready` when it is connected, and goes on until its standard input is closed. What it records: for each
statement three numbers of 8 bytes, the moment (of perf_counter, which on Linux all processes share), the seconds, and
which statement it was; a failed one is negative there. After them stands the first error, as text.
"""

from __future__ import annotations

import gc
import itertools
import json
import random
import select
import sys
from array import array
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg


def main() -> None:
    """Run until standard input ends, then write what was recorded."""
    file, told = Path(sys.argv[1]), json.loads(sys.argv[2])
    records, error = array("d"), ""
    for moment, seconds, which, failed in _waits(told):
        error = error or failed
        records.extend((moment, seconds, -1.0 - which if failed else float(which)))
    file.write_bytes(len(records).to_bytes(8, "little") + records.tobytes() + error.encode())


def _waits(told: dict[str, Any]) -> Any:
    numbers, chosen = itertools.count(told["first"], told["step"]), random.Random(told["seed"])  # noqa: S311
    connection = _connected(told["url"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    gc.disable()
    for which, statement in itertools.cycle(enumerate(told["statements"])):
        if select.select([sys.stdin], [], [], told["pause"])[0]:
            return
        new = statement.startswith("INSERT")
        parameters = {"i": next(numbers) if new else chosen.randint(1, told["rows"])}
        failed, begun = "", perf_counter()
        try:
            connection.execute(statement, parameters)
        except psycopg.Error as error:
            failed = str(error).partition("\n")[0] or type(error).__name__
        yield begun, perf_counter() - begun, which, failed
        if connection.closed:
            connection = _connected(told["url"])


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


if __name__ == "__main__":
    main()
