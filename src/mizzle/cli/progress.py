"""A run of the migrations, told as it happens."""

from __future__ import annotations

from mizzle.cli.output import Output
from mizzle.runner.events import Applied, Event, Progressed, Reverted, Started, StepDone, StepStarted
from mizzle.runner.log import sentence


def tell(output: Output, event: Event) -> None:
    """Print an event: what was applied to stdout, and everything else to stderr, unless the log has it there."""
    match event:
        case Applied(migration, seconds):
            output.data(f"{output.style('applied', fg='green')}  {migration}  {seconds:.2f} s")
        case Reverted(migration, seconds):
            output.data(f"{output.style('reverted', fg='yellow')}  {migration}  {seconds:.2f} s")
        case _ if output.lines is not None:
            pass
        case Started() | StepStarted() | Progressed():
            output.progress(sentence(event))
        case StepDone(of=1):
            output.detail(sentence(event))
        case _:
            output.note(sentence(event))
