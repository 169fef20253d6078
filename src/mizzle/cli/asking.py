"""Questions on a terminal, and the flags that answer them where there is none."""

from __future__ import annotations

import sys

import click

from mizzle.catalog.address import Address
from mizzle.cli.output import Output
from mizzle.differ.questions import Question
from mizzle.differ.renames import answer
from mizzle.project.generate import Questioner


class Terminal:
    """Asks the person at the terminal."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def renamed(self, question: Question, *, otherwise: str = "it is dropped") -> Address | None:
        """Show the candidates, the likeliest first, and read a choice."""
        self._output.clear()
        click.echo(f"{question.gone} is gone. What became of it?", err=True)
        click.echo(f"  0  {otherwise}", err=True)
        for number, candidate in enumerate(question.candidates, 1):
            click.echo(f"  {number}  it is now {_told(candidate, question.gone)}", err=True)
        last = len(question.candidates)
        choice = click.prompt("choose", value_proc=lambda typed: _number(typed, last), err=True)
        return question.candidates[choice - 1] if choice else None


def _number(typed: str, last: int) -> int:
    if typed.isdecimal() and int(typed) <= last:
        return int(typed)
    raise click.UsageError(f"{typed} is none of these: type a number from 0 to {last}")


def _told(now: Address, was: Address) -> str:
    said = answer(was, now)
    return f"{said}, in another schema" if said == now.sql else f"called {now.name}"


def questioner(output: Output) -> Questioner | None:
    """Return who can be asked: the terminal, or nobody."""
    return Terminal(output) if has_terminal() else None


def has_terminal() -> bool:
    """Say whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()
