"""`mizzle check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
import msgspec
from msgspec import UNSET

from mizzle.cli.manual import Command
from mizzle.cli.output import Output, without_passwords
from mizzle.cli.results import check as told
from mizzle.cli.settings import Settings, form, options, tenant
from mizzle.errors import MizzleError
from mizzle.project.check import Checked, Finding, check
from mizzle.project.config import Config
from mizzle.project.project import Project

_UNDO = "-- makes the database what its migrations say:"
_ADOPT = "-- makes the migrations what the database is, in one of your own (mizzle generate --custom):"


@click.command("check", cls=Command)
@tenant
@form("github", "gitlab", text="text, github (annotations) or gitlab (a report).")
@options
@click.pass_context
def command(context: click.Context, form: str) -> None:
    """Check the migrations: whole and in one line, replayed, undone, equal to the models.

    SQL that was written by hand is looked at: what stops others for long is an error.

    Needs no database. With --url (or --embedded) that database is compared, too.
    """
    settings = context.ensure_object(Settings)
    output = settings.output()
    form = settings.one_form(form)
    project = settings.project(output)
    try:
        checked = _checked(settings, project)
    except MizzleError as error:
        _annotate(output, project, form, [_of_error(error, project.config)])
        raise
    say = output.note if form == "gitlab" else output.data  # GitLab takes all of stdout as its report
    for text in checked.passed:
        say(f"{output.style('ok', fg='green')}    {text}")
    for finding in checked.findings if form != "github" else ():
        _show(output, finding, say)
    _annotate(output, project, form, checked.findings)
    for finding in checked.findings if form == "github" else ():
        _show_sql(finding, say)
    for note in checked.notes:
        output.note(note)
    output.json(told.Checked(passed=checked.passed, findings=tuple(map(_told, checked.findings))))
    context.exit(1 if checked.failed else 0)


def _checked(settings: Settings, project: Project) -> Checked:
    if project.config.has_sources:
        project.read_ahead(anew=True)
    if not settings.embedded:
        return check(project, url=settings.url)
    with project.database() as url:
        return check(project, url=url)


def _of_error(error: MizzleError, config: Config) -> Finding:
    """Return what keeps the check from running as a finding, in the file that it is about where there is one."""
    file, line = error.at or ("", 0)
    if file and not (config.migrations_folder / file).is_file():
        file = str(config.root / file) if (config.root / file).is_file() else ""
    return Finding("error", error.message, error.hint, file=file, line=line if file else 0)


def _annotate(output: Output, project: Project, form: str, findings: Sequence[Finding]) -> None:
    if form == "text":
        return
    from mizzle.cli import annotations  # noqa: PLC0415 - who reads text needs none

    if form == "github":
        for line in annotations.github(project.config, findings):
            output.data(line)
    else:
        report = msgspec.json.encode(annotations.gitlab(project.config, findings))
        output.data(msgspec.json.format(report, indent=2).decode())


def _show(output: Output, finding: Finding, say: Callable[[str], None]) -> None:
    message = without_passwords(finding.message)
    if (at := finding.lint) is not None:
        message = f"{at.file}:{at.line}:{at.column}: {at.rule}: {message}"
    kind = "warning" if finding.level == "warning" else finding.kind
    say(f"{output.style(kind, fg='yellow' if kind == 'warning' else 'red')}  {message}")
    for line in finding.lines:
        say(f"      {line}")
    _show_sql(finding, say)
    if finding.hint:
        output.note(f"hint: {finding.hint}")


def _show_sql(finding: Finding, say: Callable[[str], None]) -> None:
    for said, sql in ((_UNDO, finding.undo), (_ADOPT, finding.adopt)):
        for line in (said, *sql.rstrip().splitlines()) if sql else ():
            say(f"      {without_passwords(line)}".rstrip())


def _told(found: Finding) -> told.CheckFinding:
    lint, drift = found.lint, found.kind == "drift"
    return told.CheckFinding(
        kind=found.kind,
        message=without_passwords(found.message),
        hint=found.hint,
        lines=found.lines,
        file=found.file or UNSET,
        line=found.line if found.file else UNSET,
        undo=found.undo if drift else UNSET,
        adopt=found.adopt if drift else UNSET,
        column=lint.column if lint else UNSET,
        rule=lint.rule if lint else UNSET,
        level=lint.level if lint else UNSET,
        squawk=lint.squawk if lint else UNSET,
    )
