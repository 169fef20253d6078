"""Wrong use of the command line, in the words of every other error."""

from __future__ import annotations

import click

from mizzle.errors import ConfigError


def told(error: click.ClickException) -> ConfigError:
    """Return the error that says what is wrong, and where to read what is right."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "mizzle"
    hint = f"{command} --help lists what there is"
    if isinstance(error, click.NoSuchOption) and command == "mizzle":
        hint += "; the options of a command stand behind its name"
    elif context is not None and _is_of_arguments(error):
        hint += f"; usage: {' '.join((command, *context.command.collect_usage_pieces(context)))}"
    message = _message(error)
    return ConfigError(message[:1].lower() + message[1:], hint=hint)


def _is_of_arguments(error: click.ClickException) -> bool:
    """Return whether an argument is wrong, or missing, or one too many: click raises UsageError itself for the last."""
    return type(error) is click.UsageError or isinstance(getattr(error, "param", None), click.Argument)


def _message(error: click.ClickException) -> str:
    """Return what is wrong, in one line: click lists what there is to choose from one below the other."""
    if isinstance(error, click.NoSuchOption):
        meant = f"; did you mean {' or '.join(error.possibilities)}?" if error.possibilities else ""
        return f"no such option: {error.option_name}{meant}"
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Argument):
        argument = error.param
        error.param_hint = f"'{(argument.metavar or str(argument.name).upper()).strip('[].')}'"
    return " ".join(error.format_message().split()).rstrip(".")
