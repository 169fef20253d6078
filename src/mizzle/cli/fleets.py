"""What commands say of a fleet: its members, how far they are, and one table of what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mizzle.cli.output import Output, without_passwords
from mizzle.cli.results.database import Fleet, TargetOutcome
from mizzle.errors import ConfigError

if TYPE_CHECKING:
    from mizzle.project.project import Project
    from mizzle.runner.fleet import Outcome

F = TypeVar("F", bound=Callable[..., Any])

_ALL_SHOWN = 20
_COLORS = {"applied": "green", "current": "green", "pending": "yellow", "left": "yellow", "failed": "red"}

fleet = click.option(
    "--fleet",
    metavar="FILE|QUERY",
    is_flag=False,
    flag_value="",
    help="All targets that a file or a query lists; without a value, those of the `fleet` setting.",
)
jobs = click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, metavar="N", help="How many targets at once."
)


def given(value: str, project: Project) -> str:
    """Return what lists the fleet: the option's value, or the setting.

    Raises ConfigError where neither says it, and where one tenant is named, too.
    """
    if project.tenant:
        raise ConfigError(f"one tenant is named ({project.tenant}), and a fleet", hint="take --tenant out, or --fleet")
    setting = project.config.fleet
    if value or setting:
        return value or setting
    raise ConfigError("no fleet is named", hint="--fleet FILE, --fleet QUERY, or the `fleet` setting")


def progress(output: Output, size: int, doing: str) -> Callable[[Outcome, int], None]:
    """Return what tells how far it is, and of each failure at once."""
    failed = 0

    def hear(outcome: Outcome, done: int) -> None:
        nonlocal failed
        if outcome.failure is not None:
            failed += 1
            output.target_failed(outcome.target.name, outcome.failure)
        elif outcome.ids:
            output.detail(f"{outcome.target.name}: {', '.join(outcome.ids)}")
        output.progress(f"{doing} {done} of {size}" + (f", {failed} failed" if failed else ""))

    return hear


def show(output: Output, outcomes: Sequence[Outcome]) -> int:
    """Print the table and return the exit code: of a long one only what is not as it should be, unless verbose."""
    counts = Counter(outcome.state for outcome in outcomes)
    every = output.verbose or len(outcomes) <= _ALL_SHOWN
    shown = [each for each in outcomes if every or each.state in {"failed", "pending", "left"}]
    width = max((len(each.target.name) for each in shown), default=0)
    for each in shown[: None if every else _ALL_SHOWN]:
        state = output.style(f"{each.state:<7}", fg=_COLORS[each.state])
        output.data(f"{state}  {each.target.name:<{width}}  {_what(each)}".rstrip())
        for line in each.failure.message.splitlines()[1:] if each.failure else ():
            output.data(f"         {without_passwords(line)}")
    if len(shown) > _ALL_SHOWN and not every:
        output.data(f"and {len(shown) - _ALL_SHOWN} more: -v shows all")
    said = ", ".join(f"{counts[state]} {state}" for state in _COLORS if counts[state])
    output.data(f"{len(outcomes)} targets: {said}" if outcomes else "the fleet is empty")
    for hint in dict.fromkeys(each.failure.hint for each in outcomes if each.failure and each.failure.hint):
        output.note(f"hint: {hint}")
    for held in dict.fromkeys(held for each in outcomes for held in each.held):
        output.data(f"{output.style('waits', fg='yellow')}    {held.id}   {held}")
    if counts["left"]:
        output.note("hint: too many failed, or a canary: mend that, and run this again; it goes on with those left")
    output.json(Fleet(targets=tuple(map(_as_json, outcomes)), counts=dict(counts)))
    codes = {each.failure.exit_code for each in outcomes if each.failure}
    return codes.pop() if len(codes) == 1 else 4 if codes else 0


def _what(each: Outcome) -> str:
    if each.failure is not None:
        return without_passwords(each.failure.message.partition("\n")[0])
    if not each.ids:
        return ""
    last = f"up to {each.ids[-1]}"
    number = f"{len(each.ids)} migration{'s'[: len(each.ids) != 1]}, {last}"
    return number if each.state == "pending" else f"{number}  {each.seconds:.2f} s"


def _as_json(each: Outcome) -> TargetOutcome:
    failure = each.failure
    return TargetOutcome(
        target=each.target.name,
        state=each.state,
        migrations=each.ids,
        seconds=round(each.seconds, 3),
        waits=tuple(held.id for held in each.held),
        error=without_passwords(failure.message) if failure else "",
        hint=failure.hint if failure else "",
    )
