"""`mizzle check`."""

from __future__ import annotations

import click

from mizzle.cli.output import Output, without_passwords
from mizzle.cli.settings import Settings, options, tenant
from mizzle.lint.findings import Finding as Lint
from mizzle.project.check import Finding, check

_UNDO = "-- makes the database what its migrations say:"
_ADOPT = "-- makes the migrations what the database is, in one of your own (mizzle generate --custom):"


@click.command("check")
@tenant
@options
@click.pass_context
def command(context: click.Context) -> None:
    """Check the migrations: whole and in one line, replayed, undone, equal to the models.

    SQL that was written by hand is looked at: what stops others for long is an error.

    Needs no database. With --url (or --embedded) that database is compared, too. Exits 1 for any finding but a warning.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    project = settings.project(output)
    if project.config.has_sources:
        project.read_ahead(anew=True)
    if settings.embedded:
        with project.database() as url:
            checked = check(project, url=url)
    else:
        checked = check(project, url=settings.url)
    for text in checked.passed:
        output.data(f"{output.style('ok', fg='green')}    {text}")
    for finding in checked.findings:
        _show(output, finding)
    for note in checked.notes:
        output.note(note)
    output.json(
        {
            "passed": list(checked.passed),
            "findings": [
                {
                    "kind": f.kind,
                    "message": without_passwords(f.message),
                    "hint": f.hint,
                    "lines": list(f.lines),
                    **({"undo": f.undo, "adopt": f.adopt} if f.kind == "drift" else {}),
                    **(_of_lint(f.lint) if f.lint is not None else {}),
                }
                for f in checked.findings
            ],
        }
    )
    context.exit(1 if checked.failed else 0)


def _show(output: Output, finding: Finding) -> None:
    message = without_passwords(finding.message)
    if (at := finding.lint) is not None:
        message = f"{at.file}:{at.line}:{at.column}: {at.rule}: {message}"
    kind = "warning" if finding.level == "warning" else finding.kind
    output.data(f"{output.style(kind, fg='yellow' if kind == 'warning' else 'red')}  {message}")
    for line in finding.lines:
        output.data(f"      {line}")
    for said, sql in ((_UNDO, finding.undo), (_ADOPT, finding.adopt)):
        for line in (said, *sql.rstrip().splitlines()) if sql else ():
            output.data(f"      {without_passwords(line)}".rstrip())
    if finding.hint:
        output.note(f"hint: {finding.hint}")


def _of_lint(found: Lint) -> dict[str, object]:
    """Return where a finding about hand-written SQL is, and by which rule."""
    place = {"file": found.file, "line": found.line, "column": found.column}
    return {**place, "rule": found.rule, "level": found.level, "squawk": list(found.squawk)}
