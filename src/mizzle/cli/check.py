"""`mizzle check`."""

from __future__ import annotations

import click

from mizzle.cli.output import without_passwords
from mizzle.cli.settings import Settings, options, tenant
from mizzle.project.check import check

_UNDO = "-- makes the database what its migrations say:"
_ADOPT = "-- makes the migrations what the database is, in one of your own (mizzle generate --custom):"


@click.command("check")
@tenant
@options
@click.pass_context
def command(context: click.Context) -> None:
    """Check the migrations: whole and in one line, replayed, undone, equal to the models.

    Needs no database. With --url (or --embedded) that database is compared, too. Exits 1 for any finding.
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
        output.data(f"{output.style(finding.kind, fg='red')}  {without_passwords(finding.message)}")
        for line in finding.lines:
            output.data(f"      {line}")
        for said, sql in ((_UNDO, finding.undo), (_ADOPT, finding.adopt)):
            for line in (said, *sql.rstrip().splitlines()) if sql else ():
                output.data(f"      {without_passwords(line)}".rstrip())
        if finding.hint:
            output.note(f"hint: {finding.hint}")
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
                }
                for f in checked.findings
            ],
        }
    )
    context.exit(1 if checked.findings else 0)
