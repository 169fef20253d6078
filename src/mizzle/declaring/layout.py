"""Python code laid out as a formatter would: on one line where it fits, else an argument on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
"""Columns that a line may have; a word that is longer stands on a line of its own."""

_INDENT = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal; one that does not fit goes on in the next line."""

    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in brackets: `opening` is all up to and with the bracket, such as `sa.Index(`."""

    opening: str
    items: tuple[Code, ...]
    closing: str = ")"

    @property
    def _single(self) -> str:
        """The comma that makes one element a tuple."""
        return "," if self.opening == "(" and len(self.items) == 1 else ""

    def flat(self) -> str:
        """Return it on one line."""
        return f"{self.opening}{', '.join(map(flat, self.items))}{self._single}{self.closing}"


@dataclass(frozen=True, slots=True)
class Named:
    """A value with what stands before it: `name=`, or `"key": `."""

    before: str
    value: Code


Code: TypeAlias = "str | Text | Group | Named"


def call(function: str, *arguments: Code, **named: Code | None) -> Group:
    """Return a call; named arguments that are None are left out."""
    return Group(f"{function}(", (*arguments, *keywords(**named)))


def keywords(**named: Code | None) -> tuple[Named, ...]:
    """Return named arguments, without those that are None."""
    return tuple(Named(f"{name}=", value) for name, value in named.items() if value is not None)


def listed(values: Iterable[Code]) -> Group:
    """Return a list."""
    return Group("[", tuple(values), "]")


def mapping(items: Iterable[tuple[Code, Code]]) -> Group:
    """Return a dict."""
    return Group("{", tuple(Named(f"{flat(key)}: ", value) for key, value in items), "}")


def texts(values: Iterable[str]) -> tuple[Text, ...]:
    """Return string literals."""
    return tuple(map(Text, values))


def flat(code: Code) -> str:
    """Return code on one line."""
    match code:
        case str():
            return code
        case Text(value=value):
            return quoted(value)
        case Group():
            return code.flat()
        case Named(before=before, value=value):
            return before + flat(value)


def quoted(value: str) -> str:
    """Return a string literal, in double quotes unless others need fewer backslashes."""
    mark = "'" if value.count('"') > value.count("'") else '"'
    plain = "".join(char if char in "'\"" else repr(char)[1:-1] for char in value)
    return mark + plain.replace(mark, f"\\{mark}") + mark


def lines(code: Code, *, indent: int = 0, before: str = "", after: str = "") -> Iterator[str]:
    """Yield the lines of code that stands `indent` columns in, between `before` and `after`."""
    margin = " " * indent
    line = f"{margin}{before}{flat(code)}{after}"
    match code:
        case Named(before=name, value=value):
            yield from lines(value, indent=indent, before=before + name, after=after)
        case Group(opening=opening) if before.endswith(" = ") and len(f"{margin}{before}{opening}") > WIDTH:
            yield f"{margin}{before}("
            yield from lines(code, indent=indent + _INDENT)
            yield f"{margin}){after}"
        case Group(items=items) if items and len(line) > WIDTH:
            yield f"{margin}{before}{code.opening}"
            for item in items:
                yield from lines(item, indent=indent + _INDENT, after=",")
            yield f"{margin}{code.closing}{after}"
        case Text(value=value) if len(line) > WIDTH:
            yield from _split(value, indent=indent, before=before, after=after)
        case _:
            yield line


def _split(value: str, *, indent: int, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a text that does not fit: an argument's name needs parentheses around what follows it."""
    inner = indent + _INDENT if before else indent
    parts = _parts(value, WIDTH - inner - (0 if before else len(after)))
    if len(parts) == 1 and inner + len(quoted(value)) > WIDTH:
        yield f"{' ' * indent}{before}{quoted(value)}{after}"
        return
    if before:
        yield f"{' ' * indent}{before}("
    yield from (f"{' ' * inner}{quoted(part)}" for part in parts[:-1])
    yield f"{' ' * inner}{quoted(parts[-1])}{'' if before else after}"
    if before:
        yield f"{' ' * indent}){after}"


def _parts(value: str, room: int) -> list[str]:
    """Return a text in parts that fit, cut behind line breaks and spaces."""
    parts = [""]
    for line in value.splitlines(keepends=True):
        if parts[-1].endswith("\n"):
            parts.append("")
        for word in _words(line):
            if parts[-1] and len(quoted(parts[-1] + word)) > room:
                parts.append("")
            parts[-1] += word
    return parts


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line, each with the spaces behind it."""
    start = 0
    for place in range(1, len(line)):
        if line[place - 1] == " " and line[place] != " ":
            yield line[start:place]
            start = place
    yield line[start:]
