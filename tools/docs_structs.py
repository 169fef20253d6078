"""An extension of Griffe, which reads the code for docs/api.md: what a msgspec.Struct or a NamedTuple is made of.

Of dataclasses it knows that by itself.
"""

from __future__ import annotations

from typing import Any

from griffe import Attribute, Class, Extension, Function, Parameter, ParameterKind, Parameters

_MADE_OF_FIELDS = frozenset({"msgspec.Struct", "typing.NamedTuple"})


class Structs(Extension):
    """Gives such classes the signature that they have."""

    def on_class_members(self, *, cls: Class, **_: Any) -> None:
        """Add `__init__`, with a parameter for each field."""
        if {*map(_path, cls.bases)} & _MADE_OF_FIELDS:
            fields = [each for each in cls.members.values() if isinstance(each, Attribute) and _is_field(each)]
            parameters = (_parameter("self"), *(_parameter(each.name, each.annotation, each.value) for each in fields))
            cls.set_member("__init__", Function("__init__", parameters=Parameters(*parameters), parent=cls))


def _path(base: Any) -> str:
    return str(getattr(base, "canonical_path", base))


def _is_field(member: Attribute) -> bool:
    return member.annotation is not None and "property" not in member.labels


def _parameter(name: str, annotation: Any = None, default: Any = None) -> Parameter:
    return Parameter(name, annotation=annotation, kind=ParameterKind.positional_or_keyword, default=default)
