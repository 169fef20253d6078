"""Names in Python for what is called otherwise in a database."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import count

RESERVED = frozenset(
    """
    metadata registry type_annotation_map sa pg datetime decimal enum typing uuid
    Any Base Mapped DeclarativeBase mapped_column relationship labels SqlType
    bool bytes dict float int list object str
    """.split()
)
"""What a column's attribute cannot be called: what SQLAlchemy keeps for itself, and what annotations stand on."""

_IRREGULAR = {
    "aliases": "alias",
    "axes": "axis",
    "caches": "cache",
    "children": "child",
    "clinics": "clinic",
    "comics": "comic",
    "cookies": "cookie",
    "crises": "crisis",
    "criteria": "criterion",
    "data": "data",
    "epics": "epic",
    "feet": "foot",
    "indices": "index",
    "leaves": "leaf",
    "matrices": "matrix",
    "media": "media",
    "men": "man",
    "metrics": "metric",
    "mice": "mouse",
    "movies": "movie",
    "news": "news",
    "people": "person",
    "quizzes": "quiz",
    "series": "series",
    "shelves": "shelf",
    "shoes": "shoe",
    "species": "species",
    "staff": "staff",
    "ties": "tie",
    "topics": "topic",
    "uses": "use",
    "vertices": "vertex",
    "women": "woman",
}
_MANY = {one: many for many, one in _IRREGULAR.items()}
_NO_PLURAL = ("ss", "us", "is", "ics", "as")
_ENDINGS = (
    ("ies", 3, "y"),
    ("yses", 2, "is"),  # analyses
    ("auses", 1, ""),
    ("ouses", 1, ""),
    *((ending, 2, "") for ending in ("sses", "xes", "ches", "shes", "uses", "zzes", "oes")),
)
"""How plurals end that are more than an s: how many letters go, and what comes instead."""


def singular(word: str) -> str:
    """Return one of what an English word names many of; a word that is no plural stays."""
    low = word.lower()
    head, one = _known(word, _IRREGULAR)
    if one:
        return head + one
    for ending, cut, instead in _ENDINGS:
        if low.endswith(ending) and len(low) > len(ending):
            return word[:-cut] + (instead.upper() if word.isupper() else instead)
    return word[:-1] if low.endswith("s") and not low.endswith(_NO_PLURAL) and len(low) > len("as") else word


def plural(word: str) -> str:
    """Return many of what an English word names; what is many already stays."""
    low = word.lower()
    head, many = _known(word, _MANY)
    if many:
        return head + many
    if singular(word) != word or low.endswith("ics"):  # demographics
        return word
    if low.endswith("ysis"):
        return word[:-2] + "es"
    if low.endswith("y") and low[-2:-1] not in set("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if low.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _known(word: str, forms: Mapping[str, str]) -> tuple[str, str]:
    """Return what stands before the last word of a name, and the other form of that; nothing for a regular one."""
    for form, other in forms.items():
        head, tail = word[: len(word) - len(form)], word[len(word) - len(form) :]
        if tail.lower() == form and (not head[-1:].isalpha() or tail[0].isupper()):
            return head, _cased(other, tail)
    return word, ""


def class_name(*parts: str) -> str:
    """Return a class's name for a table or a type, of its words: `order_items` → `OrderItem`."""
    words = [word for part in parts for word in _words(part)]
    if words:
        words[-1] = singular(words[-1])
    name = "".join(word.capitalize() if word.isupper() else word[:1].upper() + word[1:] for word in words)
    return _identifier(name, digit="T", otherwise="Unnamed")


def member(label: str) -> str:
    """Return the name of an enum's member for a label: `in progress` → `IN_PROGRESS`."""
    spoken = label if any(map(str.isalnum, label)) else label.replace("+", " plus ").replace("%", " percent ")
    name = _identifier("_".join(_words(spoken)).upper(), digit="N", otherwise="EMPTY")
    return name + "_" if name == "MRO" else name  # which every class has


def attribute(column: str) -> str:
    """Return the name of an attribute for a column, which is the column's own wherever Python lets it."""
    name = _identifier("_".join(_words(column)) if not column.isidentifier() else column, digit="_", otherwise="column")
    if name.startswith(("__", "_sa_")):
        name = "column" + name
    return name + "_" if name in RESERVED or keyword.iskeyword(name) else name


def variable(*parts: str) -> str:
    """Return the name of a module's variable: of a table that has no class."""
    return attribute("_".join(word for part in parts for word in _words(part)).lower() or "table")


def free(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: `name`, or that with a number."""
    numbered = (f"{name}_{number}" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def distinct(wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each key a name of its own; the first of those that want the same one has it."""
    found: dict[str, str] = {}
    for key, name in wanted:
        found[key] = free(name, {*found.values()})
    return found


def _words(text: str) -> list[str]:
    """Return the runs of letters and digits in a text."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(char if char.isalnum() and _in_name(char) else " " for char in normal).split()


def _in_name(char: str) -> bool:
    return f"a{char}".isidentifier()


def _identifier(name: str, *, digit: str, otherwise: str) -> str:
    name = unicodedata.normalize("NFKC", name) or otherwise
    if not name.isidentifier():
        name = digit + name
    return name + "_" if keyword.iskeyword(name) else name


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize() if like[:1].isupper() else word
