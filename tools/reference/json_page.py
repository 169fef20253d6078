"""docs/json.md: what each command prints with `--json`, from the structs that it prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from tools.reference.blocks import Maker, linked, table

from mizzle.cli.output import indented
from mizzle.cli.results.schemas import RESULTS, schema

_FEW = 8
_REF = "#/$defs/"


def makers() -> dict[str, Maker]:
    """Return what makes each block of the page, by its name."""
    found: dict[str, Maker] = {name: partial(_command, name) for name, shapes in RESULTS.items() if shapes}
    return found | {"error": _error, "objects": _objects}


def _command(name: str) -> Iterator[str]:
    """Yield what one command prints: each of its results, and the objects that it alone has."""
    for shape in (each.__name__ for each in RESULTS[name]):
        if shape not in _shared():
            yield from _described(shape)
            yield from _own(shape)
        else:
            yield from (f"{_told(shape)} [`{shape}`](#{shape.lower()}).", "")


def _error() -> Iterator[str]:
    yield from _described("Failed")
    yield from _own("Failed")


def _objects() -> Iterator[str]:
    for shape in sorted(_shared()):
        yield from (f"### {shape}", "")
        yield from _described(shape)


def _own(shape: str) -> Iterator[str]:
    """Yield the objects inside of a result that nothing else has."""
    for each in _inside(shape):
        if each not in _shared():
            yield from _described(each, f"**{each}.** ")


def _described(shape: str, named: str = "") -> Iterator[str]:
    found = _defs()[shape]
    required = set(found.get("required", ()))
    yield from (f"{named}{_told(shape)}", "")
    rows = (
        (f"`{name}`", _type(field) + ("" if name in required else ", or left out"), linked(field["description"]))
        for name, field in found["properties"].items()
    )
    yield from table(("field", "type", "what it says"), rows)
    yield ""


def _told(shape: str) -> str:
    return linked(_defs()[shape]["description"])


def _type(field: Mapping[str, Any]) -> str:
    """Return a type in words: JSON's own, an object by its name, the words of a short list."""
    match field:
        case {"$ref": str(ref)}:
            return _reference(ref.removeprefix(_REF))
        case {"anyOf": list(several)}:
            return " or ".join(map(_type, several))
        case {"enum": list(words)}:
            return "string" if len(words) > _FEW else ", ".join(f"`{word}`" for word in words)
        case {"type": "array", "items": item}:
            return f"array of {_type(item)}"
        case {"type": "object", "additionalProperties": value}:
            return f"object: {_type(value)} by name"
        case {"type": str(kind)}:
            return kind
        case _:
            raise ValueError(f"no words for {field}")


def _reference(shape: str) -> str:
    if "properties" not in _defs()[shape]:
        return _type(_defs()[shape])
    return f"[`{shape}`](#{shape.lower()})" if shape in _shared() else f"`{shape}`"


def document() -> str:
    """Return docs/schema.json: what `mizzle schema` prints."""
    return indented(schema(*RESULTS)) + "\n"


@cache
def _defs() -> Mapping[str, Any]:
    return schema(*RESULTS)["$defs"]


@cache
def _shared() -> frozenset[str]:
    """The objects that several commands print, and those inside of them."""
    uses = Counter(
        each
        for shapes in RESULTS.values()
        for each in {name for shape in shapes for name in (shape.__name__, *_inside(shape.__name__))}
    )
    several = [name for name, number in uses.items() if number > 1]
    return frozenset(several) | frozenset(inner for name in several for inner in _inside(name))


def _inside(shape: str) -> list[str]:
    """Return the objects that an object has, at whatever depth, each once, in their order."""
    found: dict[str, None] = {}
    for name in _named(_defs()[shape].get("properties", {})):
        if "properties" in _defs()[name]:
            found |= dict.fromkeys((name, *_inside(name)))
    return list(found)


def _named(part: object) -> Iterator[str]:
    match part:
        case {"$ref": str(ref)}:
            yield ref.removeprefix(_REF)
        case dict():
            values: Iterable[object] = part.values()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            yield from (name for value in values for name in _named(value))
        case list():
            items: Iterable[object] = part  # pyright: ignore[reportUnknownVariableType]
            yield from (name for item in items for name in _named(item))
        case _:
            return
