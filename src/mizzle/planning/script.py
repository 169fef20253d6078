"""The text of up.sql and down.sql: steps under header comments (docs/format.md has the grammar).

What render() writes has been through parse(), so that nothing is written that reads as something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from mizzle import names
from mizzle.errors import ConfigError
from mizzle.planning import batches, header
from mizzle.planning.condition import format_condition, parse_condition
from mizzle.planning.requirements import lines, required
from mizzle.planning.steps import Step
from mizzle.sqltext import Token, normalize, pieces, split, tokens, without_returns

__all__ = [
    "Script",
    "Written",
    "format_condition",
    "line_of",
    "parse",
    "parse_condition",
    "render",
    "write",
]

# Compiled when they are first used (and kept, by `re`): most runs read no script.
_LIKE_A_HEADER = r"(?i)--\s*step\s*[0-9:]"
_HEADER = r"-- step ([0-9]+)(?::(.*))?"
_FORM = "write `-- step 2: no transaction; lock_timeout 0`, or begin a comment that is none with another word"
_NAMES_SHOWN = 6


class Script(msgspec.Struct, frozen=True):
    """What a file says: the comment lines at its head, without `-- `, and its steps."""

    head: tuple[str, ...]
    steps: tuple[Step, ...]


def parse(text: str, *, name: str) -> Script:
    """Read a script. Raises ConfigError that names `name` and the line for everything malformed.

    The SQL of a step is the text from the line after its header to the next header, without white space at its end. A
    file without headers is one step in a transaction, from its first line that is no `--` comment; one with only
    comments has no steps. Lines end in LF here: CR LF, in a literal too, is read as LF.
    """
    source = _Source(name, normalize(text))
    found = tuple(pieces(source.text))
    if found and not found[-1].closed:
        what = "quoted name" if found[-1].kind == "quoted" else found[-1].kind
        raise source.error(found[-1].offset, f"a {what} that does not end", hint="close it")
    head = tuple(_uncomment(token.text) for token in takewhile(_of_the_head, found) if token.kind == "comment")
    headers = [token for token in found if _like_a_header(token)]
    if not headers:
        return Script(head, _without_headers(source, found))
    first = next(token for token in found if token.significant or token is headers[0])
    if first.significant:
        raise source.error(first.offset, "SQL before the first step header", hint="put it under a header of its own")
    return Script(head, tuple(_steps(source, headers)))


class Written(msgspec.Struct, frozen=True):
    """A script's text, and what parse() reads in it."""

    text: str
    script: Script


def render(steps: Sequence[Step], *, head: Sequence[str] = ()) -> str:
    """Return the text that write() writes."""
    return write(steps, head=head).text


def write(steps: Sequence[Step], *, head: Sequence[str] = ()) -> Written:
    """Write a script: same input, same bytes, and psql runs it as it stands.

    parse() finds the same statements, timeouts and conditions in it; a step that was itself read from a file keeps its
    text. Raises ConfigError where that could not be so.
    """
    written = tuple(replace(step, sql=_body(step), statements=(), line=0) for step in steps)
    blocks = ["\n".join(map(_comment, head))] if head else []
    blocks += [f"{header.write(number, step)}\n{step.sql}" for number, step in enumerate(written, 1)]
    text = "\n\n".join(blocks) + "\n" if blocks else ""
    read = parse(text, name="the script to be written")
    if tuple(replace(step, line=0) for step in read.steps) != written:
        raise ConfigError("the script to be written reads as other steps", hint="a comment in it looks like a header")
    return Written(text, read)


def line_of(step: Step, offset: int) -> int:
    """Return the line in its file, counted from 1, of a place in `step.sql`; `offset` counts characters from 0."""
    return step.line + 1 + step.sql.count("\n", 0, offset)


class _Source(msgspec.Struct, frozen=True):
    name: str
    text: str

    def line(self, offset: int) -> int:
        return 1 + self.text.count("\n", 0, offset)

    def error(self, offset: int, message: str, *, hint: str) -> ConfigError:
        return ConfigError(f"{self.name}, line {self.line(offset)}: {message}", hint=hint)


def _of_the_head(token: Token) -> bool:
    line_comment = token.kind == "comment" and token.text.startswith("--")
    return token.kind == "space" or (line_comment and not _like_a_header(token))


def _like_a_header(token: Token) -> bool:
    return token.kind == "comment" and re.match(_LIKE_A_HEADER, token.text) is not None


def _without_headers(source: _Source, found: Sequence[Token]) -> tuple[Step, ...]:
    if not _holds_sql(tokens(source.text)):
        return ()
    first = next(token for token in found if not _of_the_head(token))
    start = source.text.rfind("\n", 0, first.offset) + 1
    return (Step(source.text[start:].rstrip(), line=source.line(start) - 1),)


def _holds_sql(found: Iterable[Token]) -> bool:
    return any(token.significant and token.text != ";" for token in found)


def _steps(source: _Source, headers: Sequence[Token]) -> Iterator[Step]:
    ends = [token.offset for token in headers[1:]] + [len(source.text)]
    for number, (token, end) in enumerate(zip(headers, ends, strict=True), 1):
        try:
            step = header.read(_header_text(source, token, number))
        except ConfigError as error:
            raise source.error(token.offset, error.message, hint=error.hint) from error
        sql = source.text[token.end + 1 : end].rstrip()
        yield _sound(source, token, replace(step, sql=sql, line=source.line(token.offset)))


def _header_text(source: _Source, token: Token, number: int) -> str:
    """Return the clauses of a header, or raise where it is none or has another number."""
    match = re.fullmatch(_HEADER, token.text.rstrip())
    if source.text[max(0, token.offset - 1) : token.offset] not in {"", "\n", "\r"}:
        raise ConfigError("a step header that does not begin its line", hint="move it to a line of its own")
    if match is None:
        raise ConfigError(f"neither a step header nor another comment: {token.text.strip()}", hint=_FORM)
    if match[1] != str(number):
        raise ConfigError(f"step {match[1]} stands where step {number} is due", hint="number the steps 1, 2, 3 ...")
    if match[2] is not None and not match[2].strip():
        raise ConfigError(f"step {number} has a colon and no clause", hint=header.CLAUSES)
    return match[2] or ""


def _sound(source: _Source, above: Token, step: Step) -> Step:
    """Return a step whose text fits its header, the token `above` it, or raise."""
    if not _holds_sql(tokens(step.sql)):
        raise source.error(above.offset, "a step without SQL", hint="write its SQL below the header, or take it out")
    if not step.transaction and len(found := split(step.sql)) > 1:
        offset = above.end + 1 + found[1].offset
        what = "a backfill" if step.backfill else "a step outside a transaction"
        raise source.error(offset, f"a second statement in {what}", hint="give it a header of its own")
    if step.backfill is not None:
        try:
            batches.read(step.sql, step.backfill)
        except batches.Misfit as error:
            raise source.error(above.end + 1 + error.offset, error.message, hint=error.hint) from error
    return step


def _body(step: Step) -> str:
    """Return a step's text: as it was read, or its notes and its statements with a blank line between them."""
    if step.statements:
        statements = (f"{sql};" for statement in step.statements for sql in _apart(without_returns(statement.sql)))
        return "\n".join([*map(_comment, _notes(step)), "\n\n".join(statements)])
    sql = without_returns(step.sql)
    found = [token for token in tokens(sql) if token.significant]
    end = found[-1].end if found and found[-1].text != ";" else None
    return (sql if end is None else f"{sql[:end]};{sql[end:]}").rstrip()


def _apart(sql: str) -> Sequence[str]:
    """Return the statements in `sql`; without a semicolon or a comment there is just one, and no lexer is needed."""
    if any(mark in sql for mark in (";", "--", "/*")):
        return [part.sql for part in split(sql)]
    return (sql,)


def _notes(step: Step) -> Iterator[str]:
    """Yield what people should know: the strongest lock on each relation that was there before, and the hazards."""
    strongest = step.held
    for lock in sorted(set(strongest.values()), key=lambda lock: -lock.rank):
        yield f"locks: {lock} on {_some([relation for relation, taken in strongest.items() if taken is lock])}"
    yield f"work: {'; '.join((*_work(step), 'old code breaks' if step.breaks_old_code else 'old code works'))}"
    yield from dict.fromkeys(f"hazard: {hazard}" for hazard in step.hazards)
    for requirement in required(step):
        yield from lines(requirement)


def _work(step: Step) -> Iterator[str]:
    """Yield what a step goes through, besides the catalog."""
    work = step.work
    kinds = {"rewrites": work.rewrites, "scans": work.scans, "builds": work.builds}
    if step.backfill is not None:
        yield f"goes through {names.dotted(*filter(None, step.backfill.table))} in batches"
    elif not work:
        yield "catalog only"
    yield from (f"{kind} {_some(found)}" for kind, found in kinds.items() if found)


def _some(relations: Sequence[str]) -> str:
    more = f" and {len(relations) - _NAMES_SHOWN} more" if len(relations) > _NAMES_SHOWN else ""
    return f"{', '.join(relations[:_NAMES_SHOWN])}{more}"


def _comment(line: str) -> str:
    """Make one comment line; a line break in it, as a name may hold, must not end the comment."""
    return f"-- {line}".replace("\r", " ").replace("\n", " ").rstrip()


def _uncomment(line: str) -> str:
    return line[2:].removeprefix(" ").rstrip()
