"""A reader's shell: one bash in which all commands of a page are typed, with what they set and leave running."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from threading import Timer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE = 300  # seconds for one command


class Shell:
    """Runs command lines without a terminal, one after the other; a context manager that ends all they left running."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGTERM)
        self._bash.communicate(timeout=PATIENCE)  # until nobody has its output any more

    def __call__(self, line: str) -> tuple[int, str]:
        """Run a command line; return its exit code and all that it printed."""
        assert self._bash.stdin is not None
        mark = secrets.token_hex(16)
        self._bash.stdin.write(f"{{ {line}\n}} </dev/null; printf '\\n{mark} %d\\n' $?\n")
        self._bash.stdin.flush()
        timer = Timer(PATIENCE, self._end, [signal.SIGKILL])
        timer.start()
        try:
            return self._until(mark)
        finally:
            timer.cancel()

    def _until(self, mark: str) -> tuple[int, str]:
        assert self._bash.stdout is not None
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(mark):
                return int(line.removeprefix(mark)), "".join(printed).removesuffix("\n")
            printed.append(line)
        raise AssertionError(f"the shell ended, having printed\n{''.join(printed)}")

    def _end(self, how: signal.Signals) -> None:
        os.killpg(self._bash.pid, how)
