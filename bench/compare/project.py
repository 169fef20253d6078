"""A project of one tool: the shop, a database that is filled, and a log of all that was done with both."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from tests.servers import Server, tcp_url

from bench import install
from bench.compare import terminal
from bench.compare.edits import Edit
from bench.compare.record import Said, short
from bench.compare.shop import FILES, ROWS

_PATIENCE = 120.0
NOWHERE = "postgresql://postgres@127.0.0.1:9/none"
"""The URL of a server that is not there."""


class Project(ABC):
    """One tool's project in `root`; `said` is what was done with it since it was made or copied."""

    tool: str
    model: str
    """The file that its schema is in."""

    migrations: str
    """The folder of its migrations."""

    def __init__(self, root: Path, programs: Path, server: Server) -> None:
        self.root = root
        self.programs = programs
        self.server = server
        self.url = ""
        self.said: list[Said] = []

    @property
    @abstractmethod
    def version(self) -> str:
        """The tool's own version."""

    @abstractmethod
    def begin(self) -> None:
        """Write what the tool needs beside the schema."""

    @abstractmethod
    def generating(self, name: str) -> Sequence[str]:
        """The command that writes a migration called `name`."""

    @abstractmethod
    def migrating(self) -> Sequence[str]:
        """The command that applies everything."""

    @abstractmethod
    def last(self) -> Path | None:
        """Return the last migration, its file or its folder; None where there is none."""

    @abstractmethod
    def show(self) -> None:
        """Log the SQL of the last migration."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the tool wants in its environment."""
        return {}

    def newest(self) -> Path:
        """Return the last migration, which is there."""
        found = self.last()
        assert found is not None, f"no migration in {self.root}"
        return found

    def make(self) -> None:
        """Write the project, its first migration, and a database that is migrated and filled."""
        self.root.mkdir(parents=True)
        self.root.joinpath(self.model).parent.mkdir(exist_ok=True)
        self.root.joinpath(self.model).write_text(FILES[self.model], encoding="utf-8")
        self.url = tcp_url(self.server.create())
        self.begin()
        self.must(*self.generating("initial"))
        self.must(*self.migrating())
        self.sql(*ROWS)

    def copy(self, to: Path) -> Project:
        """Return a copy of the project and its database, with an empty log."""
        shutil.copytree(self.root, to, symlinks=True)
        copied = type(self)(to, self.programs, self.server)
        name = self.url.rpartition("/")[2]
        copied.url = tcp_url(self.server.create(f"{name}_{to.parent.name}", template=name))
        return copied

    def edit(self, edit: Edit) -> bool:
        """Edit the schema; return whether it can say this at all."""
        if self.model not in edit:
            return False
        old, new = edit[self.model]
        path = self.root / self.model
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in {self.model}: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return True

    def generate(self, name: str = "change", *more: str, answers: Sequence[terminal.Answer] = ()) -> Said:
        """Have a migration written, on a terminal where there are answers, and log its SQL."""
        command = [*self.generating(name), *more]
        before = self.last()
        said = self.on_terminal(*command, answers=answers) if answers else self.run(*command)
        if self.last() != before:
            self.show()
        return said

    def migrate(self) -> Said:
        """Apply what is pending."""
        return self.run(*self.migrating())

    def run(self, *command: str, patience: float = _PATIENCE, url: str = "") -> Said:
        """Run a command of the project without a terminal and log it; it is ended when patience is."""
        process = self.start(*command, url=url)
        return self.wait(process, *command, patience=patience)

    def start(self, *command: str, url: str = "") -> subprocess.Popen[str]:
        """Start a command of the project without a terminal."""
        return subprocess.Popen(
            [self.program(command[0]), *command[1:]],
            cwd=self.root,
            env=self.whole_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def wait(self, process: subprocess.Popen[str], *command: str, patience: float = _PATIENCE) -> Said:
        """Log what a command that was started says; it is ended when patience is."""
        try:
            output, _ = process.communicate(timeout=patience)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            code = None
        return self.log(" ".join(command), output, code=code)

    def on_terminal(self, *command: str, answers: Sequence[terminal.Answer]) -> Said:
        """Run a command on a terminal, give the answers, and log it."""
        whole = [self.program(command[0]), *command[1:]]
        output, code = terminal.run(whole, self.root, self.whole_environment(), answers)
        return self.log(f"{' '.join(command)}  # on a terminal", output, code=code)

    def must(self, *command: str) -> None:
        """Run a command that cannot fail."""
        said = self.run(*command)
        assert said.exit == 0, f"{self.tool}: {said.whole}"

    def sql(self, *statements: str, log: bool = False) -> None:
        """Run statements in the database, as somebody else; they are logged if it is asked for."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        if log:
            self.log("psql", "\n".join(statements))

    def ask(self, query: str) -> str:
        """Log a query and its rows, and return them as text."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            rows = connection.execute(query.encode()).fetchall()
        text = "\n".join(", ".join(map(str, row)) for row in rows) or "(no rows)"
        self.log(f"psql -c {query!r}", text)
        return text

    def columns(self, table: str = "customer") -> str:
        """Log the names of a table's columns in the database."""
        return self.ask(
            "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute"
            f" WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
        )

    def file(self, path: Path) -> None:
        """Log a file of the project."""
        self.log(f"cat {path.relative_to(self.root)}", path.read_text(encoding="utf-8"))

    def log(self, what: str, text: str, *, code: int | None = 0) -> Said:
        """Log something, without what is of this run only."""
        for found in (self.root, self.programs, *self.programs.parents[:2]):
            text = text.replace(str(found), "...")
        text = text.replace(self.url, "$DATABASE_URL") if self.url else text
        said = Said(what.replace(self.url or " ", "$DATABASE_URL" if self.url else " "), code, short(text))
        self.said.append(said)
        return said

    def program(self, name: str) -> str:
        """Return the path of one of the tool's programs; other programs are found on the PATH."""
        path = self.programs / name
        return str(path) if path.exists() else name

    def whole_environment(self, url: str = "") -> dict[str, str]:
        """Return the environment of the project's commands; `url` is another database than its own."""
        more = {"DATABASE_URL": url or self.url, "NO_COLOR": "1", "XDG_CACHE_HOME": str(self.root.parent / "cache")}
        return {**install.clean_environment(), **more, **self.environment}

    def until(self, query: str) -> bool:
        """Wait until a query has a row; False where it has none for long."""
        with psycopg.connect(self.server.admin_url, autocommit=True) as connection:
            for _ in range(200):
                if connection.execute(query.encode()).fetchone():
                    return True
                time.sleep(0.1)
        return False
