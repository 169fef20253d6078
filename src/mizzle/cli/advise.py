"""`mizzle advise`."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mizzle.cli.answers import allow as allow_option
from mizzle.cli.manual import Command
from mizzle.cli.settings import Settings, options, tenant

if TYPE_CHECKING:
    from mizzle.advise.findings import Finding
    from mizzle.cli.output import Output
    from mizzle.cli.results.advise import Advised
    from mizzle.project.advise import Advice
    from mizzle.project.project import Project

_WIDTH = 80
_LABEL = 9


@click.command("advise", cls=Command)
@click.argument("of", default="")
@click.option(
    "--queries",
    "queries",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="SQL of the application, to find the indexes that it lacks.",
)
@click.option("--only", "only", metavar="WHAT", multiple=True, help="A kind of finding, or what one is about.")
@click.option("--write", "writes", is_flag=True, help="Write the migration that does it, proved.")
@allow_option
@tenant
@options
@click.pass_context
def command(
    context: click.Context,
    of: str,
    queries: tuple[Path, ...],
    only: tuple[str, ...],
    allow: tuple[str, ...],
    *,
    writes: bool,
) -> None:
    """Say what to index, what to drop, what will slow down, with the evidence.

    Needs no database. With one, it also knows sizes, and what is used. What is so on purpose is answered in the setting
    `accept`.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = _project(settings, output, of)
    project.allow = allow
    if of == "models":
        project.read_ahead()
    # Imported here: it takes as long as the models.
    from mizzle.project.advise import Asked, advise, write  # noqa: PLC0415

    advice = advise(project, Asked(of, queries, only))
    made = write(project, _to_write(advice, only)) if writes else None
    _show(output, advice)
    if writes:
        if made is None:
            output.data("no migration: the migrations have all of this, or none does it")
        else:
            output.data(f"wrote {os.path.relpath(made.path)}")
            output.note("proved: it runs, and down.sql leads back. say the same in the models; next: mizzle migrate")
    else:
        _next(output, advice)
    output.json(_as_json(advice, made.id if made else None))
    context.exit(1 if advice.findings and made is None else 0)


def _project(settings: Settings, output: Output, of: str) -> Project:
    """Return the project that counts here; for a database or a file one that says nothing, where there is none."""
    found = settings.project_if_any(output, named=of.endswith(".sql") or "://" in of)
    if found is not None:
        return found
    from mizzle.project.config import Config  # noqa: PLC0415 - `--help` needs none
    from mizzle.project.project import Project  # noqa: PLC0415

    config = Config(root=Path.cwd(), flag_url=settings.url, schemas=())
    project = Project(config, progress=output.progress, note=output.note)
    click.get_current_context().call_on_close(project.close)
    return project


def _to_write(advice: Advice, only: Iterable[str]) -> list[Finding]:
    """Return what is to be written: what was named, and of the rest what is not for people to decide."""
    from mizzle.advise.findings import DECISIONS  # noqa: PLC0415 - as in command()

    named = set(only)
    return [each for each in advice.findings if each.code not in DECISIONS or {each.code, each.subject} & named]


def _show(output: Output, advice: Advice) -> None:
    for code in dict.fromkeys(each.code for each in advice.findings):
        found = [each for each in advice.findings if each.code == code]
        output.data(f"{output.style(code, fg='yellow', bold=True)}  {len(found)}")
        shared = _shared(found)
        for label, text in shared.items():
            _labelled(output, label, text, indent=2)
        output.data("")
        for finding in found:
            _show_finding(output, finding, shared)
    for each in advice.answered:
        output.detail(f"accepted: {each.finding.key}: {each.reason}")
    for key in advice.stale:
        output.note(f"accept: nothing is found that {key!r} answers; take it out")
    for note in advice.notes:
        output.note(note)
    output.data(_summary(advice))


def _shared(found: Sequence[Finding]) -> dict[str, str]:
    """Return what is the same for all of a kind, by label: it is said once."""
    said = {label: {getattr(each, label) for each in found} for label in ("gain", "cost", "instead")}
    said["because"] = {"; ".join(each.evidence) for each in found}
    return {label: texts.pop() for label, texts in said.items() if len(found) > 1 and len(texts) == 1 and texts != {""}}


def _show_finding(output: Output, finding: Finding, shared: Collection[str]) -> None:
    output.data(f"  {output.style(finding.subject, bold=True)}")
    for line in _wrapped(finding.message, indent=4):
        output.data(line)
    for text in finding.evidence if "because" not in shared else ():
        _labelled(output, "because", text)
    for label in ("gain", "cost", "instead"):
        if label not in shared and getattr(finding, label):
            _labelled(output, label, getattr(finding, label))
    for statement in finding.statements:
        output.data(f"    {statement};")
    if finding.model:
        _labelled(output, "models", finding.model)
    output.data("")


def _labelled(output: Output, label: str, text: str, *, indent: int = 4) -> None:
    first, *rest = _wrapped(text, indent=indent + _LABEL)
    output.data(f"{' ' * indent}{output.style(f'{label:<{_LABEL}}', fg='cyan')}{first.lstrip()}")
    for line in rest:
        output.data(line)


def _wrapped(text: str, *, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        text, _WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False, break_on_hyphens=False
    )


def _summary(advice: Advice) -> str:
    count = len(advice.findings)
    found = f"{count or 'no'} finding{'' if count == 1 else 's'} in {advice.source}"
    answered = f"; {len(advice.answered)} accepted by the configuration" if advice.answered else ""
    return found + answered


def _next(output: Output, advice: Advice) -> None:
    from mizzle.advise.findings import DECISIONS  # noqa: PLC0415 - as in command()

    can = [each for each in advice.findings if each.statements]
    ready = [each for each in can if each.code not in DECISIONS]
    if ready:
        output.note(f"next: mizzle advise --write writes a migration for {len(ready)} of them")
    waiting = Counter(each.code for each in can if each.code in DECISIONS)
    for code in waiting:
        output.note(f"      mizzle advise --write --only {code}, once the application is ready for it")
    if advice.findings:
        output.note("what is so on purpose: answer it under [tool.mizzle.accept], with the reason")


def _as_json(advice: Advice, migration: str | None) -> Advised:
    from mizzle.cli.results import advise as told  # noqa: PLC0415 - as in command()

    return told.Advised(
        source=advice.source,
        findings=tuple(told.Advice(**_finding(each)) for each in advice.findings),
        accepted=tuple(told.AcceptedAdvice(**_finding(each.finding), reason=each.reason) for each in advice.answered),
        stale=tuple(advice.stale),
        notes=tuple(advice.notes),
        migration=migration,
    )


def _finding(finding: Finding) -> dict[str, Any]:
    """Return what is told of a finding, by the names of the fields."""
    from mizzle.cli.results import advise as told  # noqa: PLC0415 - as in command()

    return {name: getattr(finding, name) for name in told.Advice.__struct_fields__}
