"""`mizzle`: the group of commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mizzle import __version__
from mizzle.cli.settings import Settings, options
from mizzle.errors import DatabaseError, MizzleError

COMMANDS = {
    "init": "Write the configuration and an empty migrations folder into a project.",
    "generate": "Write a proved migration from the models.",
    "migrate": "Run what is pending.",
    "push": "Apply the models to a development database, without files.",
    "status": "Show where each migration stands in the database.",
    "check": "Check migrations and models, for CI; with --url a database, too.",
    "diff": "Show the plan from one schema to another.",
    "rebase": "Put your own migrations on top of the others, proved again.",
}

_INTERRUPTED = 130


class Commands(click.Group):
    """Finds a command without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the workflow."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"mizzle.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="mizzle")
@options
@click.pass_context
def mizzle(context: click.Context) -> None:
    """Schema-first migrations for PostgreSQL and SQLAlchemy: plain SQL, proved before you see it."""
    context.ensure_object(Settings)


def main() -> None:
    """Run, and exit with the code that docs/commands.md lists."""
    settings = Settings()
    try:
        code = mizzle.main(standalone_mode=False, obj=settings, prog_name="mizzle")
    except click.exceptions.Abort:
        settings.output().clear()
        click.echo("\ninterrupted", err=True)
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("\ninterrupted", err=True)
        sys.exit(_INTERRUPTED)
    except MizzleError as error:
        settings.output().error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if getattr(error, "sqlstate", False) is False:
            raise
        settings.output().error(DatabaseError(str(error).splitlines()[0], hint="see the server's log"))
        sys.exit(DatabaseError.exit_code)
    sys.exit(code or 0)
