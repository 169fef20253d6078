"""The Python of an Alembic revision, from the steps of an up.sql or a down.sql. It needs nothing of Mizzle's.

A migration of one step in a transaction is a list of `op.execute`. One of several commits each step before the next
begins, as `mizzle migrate` does: locks are held no longer, and an upgrade that failed in between goes on where it was.
How far it got stands in a comment on Alembic's own table until all is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mizzle.names import dotted
from mizzle.planning import header
from mizzle.planning.script import Script
from mizzle.planning.steps import Condition, Step
from mizzle.project.loops import loop
from mizzle.runner import conditions
from mizzle.sqltext import split, tokens

_INDENT = "    "
_LOCK_TIMEOUT = "4s"
_CLAUSES = frozenset({"FROM", "JOIN", "LEFT", "WHERE"})
_HEAD = 200  # characters that hold the first words of a statement

_RESUMING = """\
from sqlalchemy import text

# Each step is committed before the next one begins. How many are done stands in a comment on Alembic's own
# table until all of them are: what failed in between goes on from there when it is run again.
context = op.get_context()
table = ".".join(f'"{{name}}"' for name in (context.version_table_schema, context.version_table) if name)

def answer(question):
    return None if context.as_sql else op.get_bind().execute(text(question)).scalar()

def record(step):
    if not context.as_sql:
        op.execute(f"COMMENT ON TABLE {{table}} IS " + (f"'{key} {{step}}'" if step else "NULL"))

note = answer(f"SELECT obj_description('{{table}}'::regclass, 'pg_class')") or ""
done = int(note.split()[-1]) if note.startswith("{key} ") else 0
"""


class _Verbatim(str):
    """A line within a literal, which is not to be indented."""

    __slots__ = ()


def body(script: Script, *, key: str) -> str:
    """Return the statements of `upgrade()` or `downgrade()`, indented behind the first line, as a template wants them.

    `key` tells this direction of this revision apart from all others; it stands in the note of how far it got.
    """
    steps = script.steps
    if not steps:
        return "pass"
    lines = [f"# {line}".rstrip() for line in script.head]
    if len(steps) == 1 and steps[0].transaction:
        lines += _inside(steps[0])
    else:
        lines += _RESUMING.format(key=key).splitlines()
        for number, step in enumerate(steps, 1):
            lines += ["", *_step(number, step, commit=number > 1 and steps[number - 2].transaction)]
        lines += ["", "record(0)"]
    return "\n".join(_indented(lines)).lstrip()


def execute(sql: str) -> Iterator[str]:
    """Yield the lines of `op.execute(...)` for one statement: its colons are escaped, else they are parameters."""
    yield from _call("op.execute", sql, end=")")


def _call(function: str, sql: str, *, end: str) -> Iterator[str]:
    text = escaped(sql)
    printable = all(line.replace("\t", "").isprintable() for line in text.split("\n"))
    if "\n" not in text or not printable:
        yield f"{function}({_quoted(text)}{end}"
        return
    yield f"{function}("
    if any("\n" in token.text for token in tokens(sql) if token.kind != "space"):
        first, *rest = _literal(text).split("\n")
        yield f"{_INDENT}{first}"
        yield from map(_Verbatim, rest)
    else:
        yield from _indented(_literal("\n".join(["", *text.split("\n"), ""])).split("\n"))
    yield end


def _lines(query: str) -> str:
    """Return a query with its clauses on lines of their own."""
    found = list(tokens(query))
    begins = [each.kind == "name" and each.text.upper() in _CLAUSES for each in found]
    following = [*begins[1:], False]
    return "".join(
        "\n" if begin and not each.significant else each.text for each, begin in zip(found, following, strict=True)
    )


def escaped(sql: str) -> str:
    r"""Return SQL as SQLAlchemy's text() takes it: `:name` is a parameter, `\:` a colon, and `::` stays as it is."""
    return sql.replace(":", "\\:") if ":" in sql.replace("::", "") or "\\:" in sql else sql


def _quoted(text: str) -> str:
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else repr(text)


def _literal(text: str) -> str:
    """Return a literal of several lines."""
    if '"""' not in text and not text.endswith(('"', "\\")):
        return f'r"""{text}"""' if "\\" in text else f'"""{text}"""'
    whole = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{whole}"""'


def _step(number: int, step: Step, *, commit: bool) -> Iterator[str]:
    """Yield what runs one step, if it was not run before; `commit`: the step before is in a transaction."""
    yield f"# {header.write(number, step).removeprefix('-- ')}"
    if step.transaction:
        if commit:
            yield "with context.autocommit_block():"
            yield f"{_INDENT}pass  # commits what is above"
        yield f"if done < {number}:"
        yield from _indented([*_inside(step), f"record({number})"])
        return
    yield f"if done < {number}:"
    yield f"{_INDENT}with context.autocommit_block():"
    yield from _indented(_indented([*_outside(step), f"record({number})"]))


def _inside(step: Step) -> Iterator[str]:
    """Yield what runs a step in the transaction that Alembic has begun."""
    yield from _notes(step)
    yield f"op.execute(\"SET LOCAL lock_timeout = '{step.lock_timeout or _LOCK_TIMEOUT}'\")"
    if step.statement_timeout:
        yield f"op.execute(\"SET LOCAL statement_timeout = '{step.statement_timeout}'\")"
    statements = [fragment.sql for fragment in split(step.sql)]
    if any(map(_makes_routine, statements)):  # it may call what comes later, or need another search_path
        yield 'op.execute("SET LOCAL check_function_bodies = off")'
    for sql in statements:
        yield from execute(sql)


def _outside(step: Step) -> Iterator[str]:
    """Yield what runs a step outside of a transaction."""
    yield from _notes(step)
    timeout = step.lock_timeout or _LOCK_TIMEOUT
    yield f"op.execute(\"SET lock_timeout = '{timeout}'\")"
    yield f"op.execute(\"SET statement_timeout = '{step.statement_timeout or 0}'\")"
    if step.backfill is not None:
        yield from execute(loop(step, lock_timeout=timeout))
    elif step.done_when is not None:
        yield from _call("if not answer", _lines(conditions.question(step.done_when)), end="):")
        yield from _indented([*_undone(step.done_when), *execute(split(step.sql)[0].sql)])
    else:
        yield from execute(split(step.sql)[0].sql)
    yield 'op.execute("RESET lock_timeout")'
    yield 'op.execute("RESET statement_timeout")'


def _undone(condition: Condition) -> Iterator[str]:
    """Yield what takes away the invalid index that an unfinished attempt may have left."""
    if (condition.kind, condition.state) == ("index", "is valid"):
        yield from execute(f"DROP INDEX CONCURRENTLY IF EXISTS {dotted(*filter(None, condition.name))}")


def _notes(step: Step) -> Iterator[str]:
    """Yield what the step's comments say, above its first statement."""
    for line in step.sql.split("\n"):
        if not line.startswith("--"):
            return
        yield f"# {line.removeprefix('--').strip()}"


def _makes_routine(sql: str) -> bool:
    words = [token.text.upper() for token in tokens(sql[:_HEAD]) if token.significant][:4]
    return words[:1] == ["CREATE"] and not {"FUNCTION", "PROCEDURE"}.isdisjoint(words)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if isinstance(line, _Verbatim) or not line else f"{_INDENT}{line}"
