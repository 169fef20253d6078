"""`mizzle`: the group of commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

import click

from mizzle.cli.manual import definitions, sections
from mizzle.cli.settings import Settings, options
from mizzle.errors import INTERRUPTED, ConfigError, DatabaseError, MizzleError, did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

GROUPS = {
    "Begin": {
        "init": "Write the configuration and an empty migrations folder.",
        "adopt": "Take over what Alembic, Drizzle or a person has run.",
        "pull": "Write a database as SQLAlchemy models and SQL.",
        "baseline": "Start from a database as it is: record, run nothing.",
    },
    "Write migrations": {
        "generate": "Write a proved migration from the models.",
        "rebase": "Put your own migrations on top of the others, proved again.",
        "squash": "Put old migrations together into one.",
    },
    "Run them": {
        "migrate": "Run what is pending.",
        "status": "Show where each migration stands in the database.",
        "rollback": "Revert the last migration, or all behind one.",
        "resolve": "Record one as applied or reverted, though nothing ran.",
        "push": "Apply the models to a development database, without files.",
        "dev": "Embedded PostgreSQL, migrated, and studio on it, in one go.",
    },
    "Look": {
        "check": "Check migrations and models, for CI; with --url a database, too.",
        "show": "Show what migrations do, for a review.",
        "diff": "Show the plan from one schema to another.",
        "advise": "Say what to index, what to drop, what will slow down.",
        "studio": "Open the database in the browser, on this machine only.",
    },
    "Help": {
        "help": "Show the page of a command, as --help does.",
        "schema": "Print the JSON Schema of what a command prints with --json.",
        "completion": "Print what makes a shell complete commands and options.",
    },
}

COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}

_WIDEST = max(map(len, COMMANDS))
_ELSEWHERE = {
    "branches": "check",
    "current": "status",
    "downgrade": "rollback",
    "heads": "check",
    "history": "status",
    "makemigrations": "generate",
    "merge": "rebase",
    "revision": "generate",
    "showmigrations": "status",
    "stamp": "baseline",
    "upgrade": "migrate",
}
"""What Alembic and Django call it."""


class Commands(click.Group):
    """Finds a command without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the workflow."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module. Raises UsageError that names the one that may have been meant."""
        if cmd_name not in COMMANDS:
            here = _ELSEWHERE.get(cmd_name)
            meant = f"here it is mizzle {here}" if here else did_you_mean(cmd_name, COMMANDS)
            raise click.UsageError(f"there is no command {cmd_name}{meant and f'; {meant}'}", ctx)
        return import_module(f"mizzle.cli.{cmd_name}").command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may be completed, without importing the commands."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

        names = (CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete))
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page of mizzle itself, without importing the commands."""
        from mizzle.cli.pages import MIZZLE  # noqa: PLC0415 - only who asks for help needs it

        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        for title, commands in GROUPS.items():
            definitions(formatter, title, commands, width=_WIDEST)
        click.Command.format_options(self, ctx, formatter)
        sections(formatter, MIZZLE)


@click.command(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option("--version", is_flag=True, help="Print the version; with -v those of the libraries, too.")
@options
@click.pass_context
def mizzle(context: click.Context, *, version: bool) -> None:
    """Schema-first migrations for PostgreSQL and SQLAlchemy: plain SQL, proved before you see it."""
    settings = context.ensure_object(Settings)
    if version:
        from mizzle.cli.version import tell  # noqa: PLC0415 - hardly ever asked for

        tell(settings.output())
        context.exit(0)
    if context.invoked_subcommand is None:
        if settings.json:
            raise click.UsageError("no command is given", context)
        click.echo(context.get_help(), err=True)
        context.exit(2)


def main() -> NoReturn:
    """Run, and exit with the code that docs/commands.md lists; what was printed is out."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed by who started this
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for what the terminal's encoding has not
    code = None
    try:
        code = _told(Settings())
        sys.stdout.flush()
    except BrokenPipeError:  # who reads stdout has gone: what is left of it goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:  # neither the result nor the error as JSON can be written
        with suppress(OSError):
            sys.stderr.write("" if code else f"error: stdout: {error.strerror}\nhint: look at its disk\n")
        code = ConfigError.exit_code
    sys.exit(code)


def _told(settings: Settings) -> int:
    """Run the command, print what went wrong, and return the exit code."""
    try:
        return _run(settings)
    except MizzleError as error:
        settings.output().error(error)
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort) as error:
        # Elsewhere than at its own questions click has ended the line already.
        asked = isinstance(error, click.exceptions.Abort) and error.__cause__ is None
        settings.output().interrupted(asked=asked)
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        settings.output().crashed(error)
        raise


def _run(settings: Settings) -> int:
    """Run the command and return its exit code. Raises MizzleError for everything that a user can cause."""
    try:
        return mizzle.main(standalone_mode=False, obj=settings, prog_name="mizzle") or 0
    except click.ClickException as error:
        settings.json = settings.json or "--json" in sys.argv  # which was not read where what stands before it is wrong
        settings.log = "json" if " --log json " in f" {' '.join(sys.argv)} ".replace("=", " ") else settings.log
        from mizzle.cli.misuse import told  # noqa: PLC0415 - only who is wrong needs it

        raise told(error) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        hint = "look at its disk and permissions"
        raise ConfigError(f"{place}{error.strerror or error}", hint=hint) from error
    except Exception as error:
        if isinstance(error, MizzleError) or getattr(error, "sqlstate", False) is False:
            raise
        if _while_interrupted(error):
            raise KeyboardInterrupt from error
        raise DatabaseError(str(error).partition("\n")[0], hint="see the server's log") from error


def _while_interrupted(error: BaseException | None) -> bool:
    """Say whether it came of putting things away after Ctrl-C, on a connection that Ctrl-C had cut into."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
