"""Changes in, a plan out: steps in an order that PostgreSQL accepts, and the plan that undoes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from mizzle import names
from mizzle.catalog.address import Address
from mizzle.catalog.catalog import Catalog
from mizzle.catalog.schema import Schema
from mizzle.differ.changes import Alter, Change, Create, Drop, Rename
from mizzle.differ.compare import compare
from mizzle.differ.inheritance import aligned
from mizzle.differ.renames import Answers, renamed
from mizzle.errors import Unsupported
from mizzle.memory import no_collection
from mizzle.planning import breaking, casualties, demands, dispatch, grouping, reach, script, worked
from mizzle.planning.context import Context
from mizzle.planning.manner import ONLINE, Manner
from mizzle.planning.online import copy, retype
from mizzle.planning.online.copied import Copied
from mizzle.planning.online.dispatch import made_online
from mizzle.planning.online.retype import Swap
from mizzle.planning.operations import Operation, Phase
from mizzle.planning.order import CircleError, ordered
from mizzle.planning.recipes import access, schema
from mizzle.planning.steps import Hazard, Step

NEWEST = 18
"""The newest major version whose DDL is known."""

_NAMED = 5


@dataclass(frozen=True)
class Plan:
    """What leads from `old` to `new`: the changes, the steps that make them, in order.

    `renames` are those that a person answered; `major` is the oldest PostgreSQL that the steps are for; `manner` says
    how far they keep readers and writers going.
    """

    old: Catalog = field(repr=False)
    new: Catalog = field(repr=False)
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    renames: tuple[tuple[str, str], ...] = ()
    major: int = NEWEST
    manner: Manner = ONLINE

    @cached_property
    def sql(self) -> str:
        """The steps as the text of an up.sql: what is printed is what runs."""
        return script.render(self.steps)

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazards of all steps, in order."""
        return tuple(hazard for step in self.steps for hazard in step.hazards)

    def undo(self) -> Plan:
        """Return the plan that leads back, planned as any other: from `new` to `old`."""
        kept = replace(self.manner, plain=frozenset())
        with no_collection():
            return _plan(self.new, self.old, self._reversed_renames(), self.major, kept)

    def _reversed_renames(self) -> dict[str, str]:
        return Answers.of(dict(self.renames)).reversed()


def plan(
    old: Catalog,
    new: Catalog,
    *,
    renames: Mapping[str, str] | None = None,
    major: int | None = None,
    online: bool = True,
    small: Iterable[str] = (),
) -> Plan:
    """Plan the way from `old` to `new`, for PostgreSQL `major` and newer (None: the major that `new` was read from).

    `renames` is as in compare(). What would stop those who read and write the tables for long is planned in steps that
    do not, unless `online` is False; and but for the tables that are `small`, by their dotted SQL names in `old`.
    Raises Unsupported, naming the objects, where something unmanaged must be created or stands in the way, and
    ConfigError for a rename that fits neither side.
    """
    with no_collection():
        return _plan(old, new, dict(renames or {}), major, Manner(online, frozenset(small)))


def _plan(old: Catalog, new: Catalog, answers: dict[str, str], major: int | None, manner: Manner) -> Plan:
    _refuse_unmanaged(old, new)
    target = major or new.major or NEWEST
    changes = compare(old, new, renames=answers)
    if not changes:
        return Plan(old, new, (), (), (), target, manner)
    mapped, _ = renamed(old, new, answers)
    manner = replace(manner, small=_also_renamed(manner.small, answers))
    context = casualties.with_fates(Context.between(*aligned(mapped, new), target, manner), changes)
    casualties.refuse_unmanaged(changes, context)
    operations, context = _ordered(changes, context)
    operations = list(worked.spread(reach.passed_down(operations, context), context))
    operations = demands.demanded(operations, context, changes)
    operations = breaking.told(operations, breaking.breaks(old, new, renames=answers))
    managed = {*old.also} & {*new.also}
    steps = tuple(grouping.steps(operations, context, managed))
    return Plan(old, new, changes, steps, tuple(sorted(answers.items())), target, manner)


def _also_renamed(small: frozenset[str], answers: Mapping[str, str]) -> frozenset[str]:
    """Return tables by the names that they have before and after the renames."""
    final = Answers.of(answers).final
    return small | {names.dotted(*final(names.parse(each))) for each in small if answers}


def _ordered(changes: tuple[Change, ...], context: Context) -> tuple[list[Operation], Context]:
    """Return the operations in order, and the context with what cannot be made online after all."""
    while True:
        try:
            retyped, copied = retype.planned(changes, context), copy.planned(changes, context)
            operations = ordered(
                retype.held_back(list(_operations(changes, retyped, copied, context)), retyped, context), context
            )
            unfit = grouping.torn(operations)
        except CircleError as error:
            unfit = error.online
            if not unfit:
                raise
        else:
            if not unfit:
                return operations, context
        context = replace(context, manner=replace(context.manner, plain=context.manner.plain | unfit))


def _refuse_unmanaged(old: Catalog, new: Catalog) -> None:
    missing = [where for where in new.unmanaged if where not in old.unmanaged]
    if missing:
        listed = ", ".join(str(where) for where in missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        raise Unsupported(
            f"cannot create what is not managed: {listed}",
            hint="create it in a hand-written migration (mizzle generate --custom), or name it in the `ignore` setting",
            objects=tuple(str(where) for where in missing),
        )


def _operations(
    changes: tuple[Change, ...], retyped: Sequence[Swap], copied: Sequence[Copied], context: Context
) -> Iterator[Operation]:
    inside = context.inside(context.fates.lost)
    lost, recreated = context.fates.lost - inside, context.fates.recreated
    homes = {change.address for change in changes if isinstance(change, Create) and _moved_to(change, changes)}
    opened: set[Address] = set()
    handled: set[Address] = set()
    for each in retyped:
        yield from retype.operations(each, context)
        handled |= each.addresses
    for each in copied:
        yield from copy.operations(each, context)
        handled |= each.addresses
    skipped = frozenset((*inside, *homes, *handled))
    for change in changes:
        handled.add(change.address)
        if change.address in skipped:
            continue
        home = Address("schema", change.to.names[:1]) if isinstance(change, Rename) else change.address
        if home in homes and home not in opened:  # before all else: what comes to it goes by its name from then on
            opened.add(home)
            made = schema.create(_schema(home, context))
            yield from (replace(each, phase=Phase.RENAME, makes=frozenset()) for each in made)
        if isinstance(change, Rename) and change.address in lost:
            yield from _again(change.address, change.to, context)
        elif change.address in recreated:
            yield from dispatch.recreate(change.address, context)
        elif isinstance(change, Alter) and change.address in lost:
            yield from _again(change.address, change.address, context)
        else:
            yield from _made(change, context)
    for where in sorted(recreated - handled):
        yield from dispatch.recreate(where, context)
    again = (where for where in context.fates.swapped if where in context.before)
    for where in sorted(frozenset((*casualties.disturbed(context), *again)) - handled):
        yield from dispatch.operations(Alter(where, context.before[where], context.after[where]), context)
    for where in sorted(lost - handled):
        yield from _again(where, where, context)
    for where in access.granted_when_made(context):
        yield from access.settle(where, context)
    for where in access.left_alone(context):
        yield from access.disown(where, context)


def _moved_to(change: Create, changes: Iterable[Change]) -> bool:
    """Say whether a schema that is made gets something that is there already."""
    renames = (each for each in changes if isinstance(each, Rename))
    return change.address.kind == "schema" and any(
        each.to.names[:1] == change.address.names and each.address.names[:1] != each.to.names[:1] for each in renames
    )


def _schema(where: Address, context: Context) -> Schema:
    found = context.after[where]
    assert isinstance(found, Schema)
    return found


def _again(old: Address, new: Address, context: Context) -> Iterator[Operation]:
    yield from dispatch.operations(Drop(old, context.before[old]), context)
    yield from _made(Create(new, context.after[new]), context)


def _made(change: Change, context: Context) -> list[Operation]:
    """Return the operations that make one change: online, where that is another way and there is one."""
    made = made_online(change, context)
    if made is None:
        return dispatch.operations(change, context)
    return [replace(each, change=change.address) for each in made]
