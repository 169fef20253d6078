"""A small exact lexer for PostgreSQL's SQL: where tokens, statements and names begin and end.

It follows src/backend/parser/scan.l with standard_conforming_strings on. It knows no grammar, except for the one thing
that telling statements apart takes: the bodies of SQL functions between BEGIN ATOMIC and END.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

import msgspec

from mizzle import names

Kind = Literal[
    "space", "comment", "name", "quoted", "string", "number", "parameter", "operator", "punctuation", "other"
]


class Token(NamedTuple):
    """A piece of the text as it stands there; a tuple because there are hundreds of thousands.

    `quoted` is a name in double quotes, `comment` one of either kind, `string` a literal of any kind with the parts
    that continue it on later lines. `closed` is False for one that the end of the text cuts off.
    """

    kind: Kind
    text: str
    offset: int
    closed: bool = True

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + len(self.text)

    @property
    def significant(self) -> bool:
        """Whether PostgreSQL's grammar sees it."""
        return self.kind not in {"space", "comment"}


class Fragment(msgspec.Struct, frozen=True):
    """One statement: its text from the first to the last significant token, without the semicolon.

    `offset` is where that stands in the text it was split from, `line` the line there, counted from 1.
    """

    sql: str
    offset: int
    line: int


def normalize(text: str) -> str:
    """Return the text that is parsed, run and summed: without a byte order mark, lines ended by LF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


# A literal goes on in the next one where only white space with a line break, or line comments, stand between them.
# Groups are made atomic by (?>...): before 3.11.5, Python's (...)*+ forgets to go back in a group that did not fit.
_CONTINUED = r"'(?>(?:--[^\n\r]*+|[ \t\f\v])*)[\n\r](?>(?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*)'"
_PLAIN = r"[^']*+(?>(?:''[^']*+)*)"
_ESCAPED = r"[^'\\]*+(?>(?:(?:''|\\.|\\\Z)[^'\\]*+)*)"
_DIGITS = r"[0-9](?>(?:_?[0-9])*)"
# Said by what they are not: a set that reaches beyond ASCII takes Python 2 ms to compile, one that excludes does not.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_IN_TAG = r"[^\x00-/:-@\[-^`{-\x7f]"
_IN_NAME = r"[^\x00-\#%-/:-@\[-^`{-\x7f]"
_NUMBER = rf"""
    (?:0[xX](?:_?[0-9A-Fa-f])+ | 0[oO](?:_?[0-7])+ | 0[bB](?:_?[01])+
    | (?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?)
"""
_ENCLOSED = rf"""
    (?P<space>[ \t\n\r\f\v]+)
    | (?P<comment>--[^\n\r]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]'(?>(?:{_ESCAPED}{_CONTINUED})*){_ESCAPED}(?P<escape_end>')?)
    | (?P<string>(?:[uU]&|[bBxXnN])?'(?>(?:{_PLAIN}{_CONTINUED})*){_PLAIN}(?P<string_end>')?)
    | (?P<quoted>(?:[uU]&)?"[^"]*+(?>(?:""[^"]*+)*)(?P<quoted_end>")?)
    | (?P<dollar>\$(?:{_LETTER}{_IN_TAG}*)?\$)
"""
_TOKEN = rf"""
    {_ENCLOSED}
    | (?P<name>{_LETTER}{_IN_NAME}*)
    | (?P<parameter>\$[0-9]+)
    | (?P<number>{_NUMBER})
    | (?P<compound>::|\.\.|:=)
    | (?P<punctuation>[,()\[\].;:])
    | (?P<operator>[~!@\#^&|`?+\-*/%<>=]+)
    | (?P<other>.)
"""
# A stretch without comment, literal or quoted name. It is cut now and then, so that Python need not remember all of it.
_PIECE = rf"""
    {_ENCLOSED}
    | (?P<other>(?>(?:
        (?![eE]'|[uU]&['"]|[bBxXnN]'){_LETTER}{_IN_NAME}*+
        | [ \t\n\r\f\v,()\[\];:~!@\#^&|`?+*%<>=]++ | \.(?![.0-9])
        | \$[0-9]+ | {_NUMBER} | \.\. | -(?!-) | /(?!\*) | (?!{_LETTER})[^'"$/-] | \$(?!(?:{_LETTER}{_IN_TAG}*)?\$)
      ){{1,500}}))
"""
_BLOCK_EDGE = r"/\*|\*/"
_ESCAPED_PAIR = r"\\.|\r"
_LONGEST_OPENING = len(("create", "or", "replace", "function"))
_ENDS_IN_SIGN = frozenset("~!@#^&|`?%")
_KINDS: dict[str, Kind] = {
    "space": "space",
    "comment": "comment",
    "escape": "string",
    "string": "string",
    "quoted": "quoted",
    "name": "name",
    "parameter": "parameter",
    "number": "number",
    "compound": "operator",
    "punctuation": "punctuation",
    "other": "other",
}


def tokens(text: str) -> Iterator[Token]:
    """Yield every token of `text`, white space and comments too: joined, they are `text` again."""
    match = _token_pattern().match
    offset, size = 0, len(text)
    while offset < size:
        token = _token(match(text, offset), text, offset)
        yield token
        offset += len(token.text)


def pieces(text: str) -> Iterator[Token]:
    """Yield comments, strings, quoted names, white space before or between them, and what is between them as `other`.

    Joined, they are `text` again. It is several times as fast as tokens().
    """
    match = _piece_pattern().match
    offset, size = 0, len(text)
    while offset < size:
        piece = _token(match(text, offset), text, offset)
        yield piece
        offset += len(piece.text)


def split(text: str) -> tuple[Fragment, ...]:
    """Split into statements at the semicolons that end one; what holds only comments is none.

    Comments between statements belong to neither. A body between BEGIN ATOMIC and END, with CASE ... END in it, stays
    whole, as does whatever stands in parentheses.
    """
    found: list[Fragment] = []
    line, counted = 1, 0
    for start, end in _spans(tokens(text)):
        line += text.count("\n", counted, start)
        counted = start
        found.append(Fragment(text[start:end], start, line))
    return tuple(found)


def is_blank(text: str) -> bool:
    """Whether there are only comments and white space."""
    return not any(token.significant for token in tokens(text))


def rename_identifiers(text: str, renames: Mapping[str, str]) -> str:
    """Replace each name that is a key of `renames`, both raw, and quote the new one where it must be.

    A keyword is a name too, and so is an alias: whoever asks lets PostgreSQL judge the result.
    """
    found = tuple(tokens(text))
    pieces: list[str] = []
    skip = 0
    for index, token in enumerate(found):
        if index < skip:
            continue
        behind, escape = _uescape(found, index)
        new = renames.get(raw_name(token, escape=escape)) if token.kind in {"name", "quoted"} else None
        pieces.append(token.text if new is None else names.ident(new))
        skip = index if new is None else behind
    return "".join(pieces)


def raw_name(token: Token, *, escape: str = "\\") -> str:
    """Return the name that a `name` or `quoted` token stands for; `escape` is that of U&"..." names."""
    if token.kind == "name":
        return "".join(char.lower() if char.isascii() else char for char in token.text)
    start = token.text.index('"')
    body = token.text[start + 1 : -1 if token.closed else None].replace('""', '"')
    return body if start == 0 else _unescaped(body, escape)


def one_line_name(name: str) -> str:
    """Quote a name as names.ident() does, but write line breaks in it as the escapes of a U&"..." name."""
    if "\n" not in name and "\r" not in name:
        return names.ident(name)
    escaped = name.replace("\\", "\\\\").replace("\n", "\\000a").replace("\r", "\\000d")
    return "U&" + names.ident(escaped)


def without_returns(text: str) -> str:
    """Return SQL that means the same and holds no CR LF, which a text file may lose: literals are written as E'...'."""
    return "".join(_without_return(token) for token in tokens(text)) if "\r\n" in text else text


def _without_return(token: Token) -> str:
    match token.kind:
        case _ if "\r\n" not in token.text:
            return token.text
        case "quoted":
            return one_line_name(raw_name(token))
        case "string" if token.text[0] in "eE":
            return re.sub(_ESCAPED_PAIR, lambda p: "\\r" if p[0].endswith("\r") else p[0], token.text, flags=re.DOTALL)
        case "string" if token.text[0] in "$'":
            return _escape_string(_content(token.text))
        case _:
            return token.text.replace("\r\n", "\n")


def _content(text: str) -> str:
    """Return what stands in a literal '...' or $tag$...$tag$."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    tag = text.index("$", 1) + 1
    return text[tag:-tag]


def _escape_string(content: str) -> str:
    doubled = content.replace("\\", "\\\\").replace("'", "''")
    return "E'" + doubled.replace("\r", "\\r") + "'"


@cache
def _token_pattern() -> re.Pattern[str]:
    """Compile on first use: most runs read no SQL."""
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


@cache
def _piece_pattern() -> re.Pattern[str]:
    return re.compile(_PIECE, re.VERBOSE | re.DOTALL)


def _token(match: re.Match[str] | None, text: str, offset: int) -> Token:
    if match is None:  # the last alternative takes any character
        raise AssertionError(offset)
    group = match.lastgroup or "other"
    if group == "block":
        return _until(text, offset, _block_end(text, offset))
    if group == "dollar":
        return _dollar_quoted(text, offset, match[0])
    if group == "operator":
        return Token("operator", _operator(match[0]), offset)
    closed = group not in {"escape", "string", "quoted"} or match[f"{group}_end"] is not None
    return Token(_KINDS[group], match[0], offset, closed)


def _until(text: str, offset: int, end: int) -> Token:
    return Token("comment", text[offset : end if end > 0 else None], offset, end > 0)


def _block_end(text: str, offset: int) -> int:
    """Return the offset behind a block comment that may hold others, or -1."""
    depth = 0
    for edge in re.compile(_BLOCK_EDGE).finditer(text, offset):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return -1


def _dollar_quoted(text: str, offset: int, tag: str) -> Token:
    found = text.find(tag, offset + len(tag))
    return Token("string", text[offset : found + len(tag) if found > 0 else None], offset, found > 0)


def _operator(text: str) -> str:
    """Cut an operator where a comment begins, and drop the trailing signs that SQL does not let it have."""
    text = text.partition("--")[0].partition("/*")[0]
    while len(text) > 1 and text[-1] in "+-" and _ENDS_IN_SIGN.isdisjoint(text):
        text = text[:-1]
    return text


def _spans(stream: Iterator[Token]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each statement's significant text."""
    nesting = _Nesting()
    start = end = -1
    for token in stream:
        if not token.significant:
            continue
        if token.text == ";" and nesting.outside:
            if start >= 0:
                yield start, end
            nesting, start = _Nesting(), -1
            continue
        nesting.see(token)
        start = token.offset if start < 0 else start
        end = token.end
    if start >= 0:
        yield start, end


class _Nesting:
    """How deep a statement's tokens stand in parentheses and in the body of an SQL function."""

    def __init__(self) -> None:
        self._parens = 0
        self._blocks = 0
        self._first: list[str] = []
        self._before = ("", "")

    @property
    def outside(self) -> bool:
        return self._parens == 0 and self._blocks == 0

    def see(self, token: Token) -> None:
        if token.kind == "punctuation":
            self._parens = max(0, self._parens + {"(": 1, ")": -1}.get(token.text, 0))
        word = token.text.lower() if token.kind == "name" else token.text
        if len(self._first) < _LONGEST_OPENING:
            self._first.append(word)
        if token.kind == "name" and self._parens == 0:
            self._block(word)
        self._before = (self._before[1], word)

    def _block(self, word: str) -> None:
        if self._blocks == 0:
            self._blocks = int(word == "atomic" and self._before[1] == "begin" and self._makes_routine())
        elif self._before[1] in {".", "as"}:  # a column or a label may be called `end` or `case`
            return
        elif word in {"case", "end"}:
            self._blocks += 1 if word == "case" else -1

    def _makes_routine(self) -> bool:
        words = [word for word in self._first if word not in {"or", "replace"}]
        return words[:2] in (["create", "function"], ["create", "procedure"])


def _uescape(found: Sequence[Token], index: int) -> tuple[int, str]:
    """Return where a token and the UESCAPE clause that may follow a U&"..." name end, and its escape character."""
    if found[index].kind != "quoted" or found[index].text.startswith('"'):
        return index + 1, "\\"
    ahead = [(i, found[i]) for i in range(index + 1, min(index + 8, len(found))) if found[i].significant]
    match ahead[:2]:
        case [(_, Token("name", word)), (last, Token("string", char))] if word.lower() == "uescape":
            return last + 1, char[1:2]
        case _:
            return index + 1, "\\"


def _unescaped(body: str, escape: str) -> str:
    mark = re.escape(escape)
    code = re.compile(rf"{mark}(?:({mark})|\+((?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{{4}})|([0-9A-Fa-f]{{4}}))")
    text = code.sub(lambda m: m[1] or chr(int(m[2] or m[3], 16)), body)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
