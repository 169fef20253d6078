"""Renames that the sources tell themselves: a comment of its own line, as sources/metadata.py writes it, too.

-- renamed: public.users.name -> full_name
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mizzle import names
from mizzle.catalog.catalog import Catalog
from mizzle.differ.renames import Answers, nameable
from mizzle.errors import ConfigError
from mizzle.project.sources import Sources

_SAID = re.compile(r"^[ \t]*--[ \t]*renamed:[ \t]*(\S.*?)[ \t]*->[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


def with_hints(sources: Sources, old: Catalog, wanted: Catalog, renames: Mapping[str, str]) -> dict[str, str]:
    """Return `renames` and those of the hints that are still to come: `old` has the old name, and `wanted` the new one.

    A hint that is done may stay where it is. Raises ConfigError for one that is no name.
    """
    hints = dict(_hints(sources))
    if not hints:
        return dict(renames)
    there, then = ({where.names for where in nameable(each)} for each in (old, wanted))
    answers = Answers.of({**hints, **renames})
    outer = {answers.final(source): source for source in answers.targets}
    found: dict[str, str] = {}
    for source, target in hints.items():
        parts = names.parse(source)
        was = (*outer.get(parts[:-1], parts[:-1]), parts[-1])
        now = Answers({was: names.parse(target), **answers.targets}).final(was)
        if (parts in there or was in there) and now not in there and now in then:
            found[source] = target
    return {**found, **renames}


def _hints(sources: Sources) -> Iterator[tuple[str, str]]:
    told = "\n".join(each for each in sources.ddl if each.startswith("--"))
    places = [*sources.before, ("the models", told), *sources.files]
    for place, text in places:
        for match in _SAID.finditer(text) if "renamed:" in text else ():
            try:
                for each in match.groups():
                    names.parse(each)
            except ConfigError as error:
                raise ConfigError(f"{place}: a hint that is no rename: {match[0].strip()}", hint=_FORM) from error
            yield match[1], match[2]


_FORM = "write `-- renamed: public.users.name -> full_name`, with quotes as in SQL"
