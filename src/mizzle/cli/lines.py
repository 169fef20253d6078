"""What `--log json` prints to stderr: one JSON object a line, whatever happens (docs/log.md)."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from mizzle.errors import MizzleError
from mizzle.runner.log import LOGGER, failure, reason
from mizzle.runner.redaction import without_passwords

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))


class Lines(logging.Handler):
    """Prints the records of the logger `mizzle`, and what else a command has to say; where `quiet`, errors only."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(logging.ERROR if quiet else logging.INFO)
        self._before = LOGGER.level

    def listen(self) -> None:
        """Print the records from now on; those of others, too, where they are warnings."""
        logging.getLogger().addHandler(self)
        LOGGER.setLevel(logging.INFO)

    def end(self) -> None:
        """Print no more records."""
        logging.getLogger().removeHandler(self)
        LOGGER.setLevel(self._before)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record; of an error only the command knows what becomes of it."""
        own = record.name == LOGGER.name
        more = {name: value for name, value in vars(record).items() if own and name not in _OF_EVERY_RECORD}
        if more.get("event") != "failed":
            self._print(record.levelname, record.getMessage(), {"event": "note", **more}, at=record.created)

    def note(self, text: str) -> None:
        """Print what is no event of a run."""
        if self.level <= logging.INFO:
            self._print("INFO", text, {"event": "note"})

    def failed(self, error: MizzleError, **more: str) -> None:
        """Print an error, with where the run was when it ended with it."""
        said = {**error.where, **more, **failure(error), "exit": error.exit_code}
        self._print("ERROR", reason(error), {"event": "failed", **said})

    def interrupted(self) -> None:
        """Print that somebody ended the command."""
        self._print("ERROR", "interrupted", {"event": "failed", "kind": "Interrupted", "exit": 130})

    def _print(self, level: str, message: str, more: Mapping[str, Any], *, at: float | None = None) -> None:
        moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
        written = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"time": written, "level": level.lower(), "event": more["event"], "message": without_passwords(message)}
        click.echo(msgspec.json.encode({**head, **more}), file=sys.stderr)
