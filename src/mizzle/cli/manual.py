"""A command whose `--help` reads as a page of a manual: what pages/ says stands around its options."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mizzle.cli.pages.page import Page

_EVERYWHERE = frozenset(
    {"-C", "--config", "--url", "--embedded", "--json", "--quiet", "--verbose", "--no-color", "--help"}
)


class Command(click.Command):
    """A command of `mizzle`, which `mizzle.cli.pages` has a page of."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page: usage, what it does, arguments, options, and what the page says of the rest."""
        from mizzle.cli.pages import PAGES  # noqa: PLC0415 - only who asks for help needs it

        page = PAGES[self.name or ""]
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        definitions(formatter, "Arguments", page.arguments)
        self.format_options(ctx, formatter)
        sections(formatter, page)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its own options, and those of every command."""
        own, general = dict[str, str](), dict[str, str]()
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)) is not None:
                (own if _EVERYWHERE.isdisjoint(parameter.opts) else general).update([record])
        definitions(formatter, "Options", own)
        definitions(formatter, "Options of every command", general)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does. Raises UsageError that always knows of which command it is."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


def definitions(formatter: click.HelpFormatter, title: str, rows: dict[str, str], *, width: int = 0) -> None:
    """Write a section of words, in a column of at least `width`, and what each means; none where there are no words."""
    if rows:
        with formatter.section(title):
            formatter.write_dl([(f"{word:<{width}}", meaning) for word, meaning in rows.items()])


def sections(formatter: click.HelpFormatter, page: Page) -> None:
    """Write what stands below the options."""
    definitions(formatter, "Exit codes", {str(code): meaning for code, meaning in sorted(page.exits.items())})
    definitions(formatter, "Environment", page.variables)
    with formatter.section("Examples"):
        for purpose, lines in page.examples.items():
            formatter.write_text(f"{purpose}:")
            formatter.write("".join(f"{'':{formatter.current_indent}}  $ {line}\n" for line in lines.splitlines()))
    with formatter.section("See also"):
        formatter.write(
            fill(
                ", ".join(page.see),
                formatter.width,
                break_on_hyphens=False,
                initial_indent="  ",
                subsequent_indent="  ",
            )
            + "\n"
        )
