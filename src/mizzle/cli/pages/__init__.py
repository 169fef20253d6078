"""What `--help` says of each command beside its options: arguments, exit codes, environment, examples, where more is.

The words of the options stand with the options. A module has the commands of one group of the list of all.
"""

from __future__ import annotations

from mizzle.cli.pages.begin import BEGIN
from mizzle.cli.pages.helping import HELPING
from mizzle.cli.pages.looking import LOOKING
from mizzle.cli.pages.page import Page
from mizzle.cli.pages.running import RUNNING
from mizzle.cli.pages.writing import WRITING
from mizzle.errors import EXIT_CODES

MIZZLE = Page(
    exits=EXIT_CODES,
    variables={
        "DATABASE_URL": "The database, where no --url says it; the setting `url` may name another variable.",
        "MIZZLE_...": "Options by their names (MIZZLE_URL, MIZZLE_JSON), and settings (MIZZLE_MIGRATIONS). A flag wins "
        "over the environment, that over a file .env beside the configuration, and that over the configuration.",
        "MIZZLE_SCRATCH_URL": "The throw-away server, instead of the embedded one.",
        "XDG_CACHE_HOME": "Where that server is kept, in mizzle/. [default: ~/.cache]",
        "NO_COLOR": "No colours.",
        "PGPASSWORD, PGPASSFILE, ...": "As libpq reads them.",
    },
    examples={
        "From models to a database": "mizzle init --models app.models:Base\nmizzle generate\nmizzle migrate",
        "What is left to do": "mizzle status\nmizzle check",
        "The page of a command": "mizzle help migrate",
    },
    see=("docs/commands.md", "docs/configuration.md", "docs/how-it-works.md"),
)

PAGES = {**BEGIN, **WRITING, **RUNNING, **LOOKING, **HELPING}
"""The page of each command."""
