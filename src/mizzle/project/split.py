"""A change that breaks old code, as two migrations: expand, on which old and new code work, and contract."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import msgspec

from mizzle.catalog.address import Address
from mizzle.migrations import write
from mizzle.planning.halfway.plans import halves
from mizzle.planning.plan import Plan
from mizzle.project.broken_models import broken_models
from mizzle.project.project import Project
from mizzle.project.writing import Generated, Head, read_head, suggested_name, write_proved
from mizzle.prove import Scratch, Stage


def write_split(  # noqa: PLR0913 - as write_proved()
    project: Project,
    server: Scratch,
    stage: Stage,
    last: Head,
    planned: Plan,
    *,
    name: str,
    kept: tuple[Address, ...],
    declared: Collection[Address],
) -> tuple[Generated, ...]:
    """Prove and write the two migrations that make the change of a plan, NAME_expand and NAME_contract.

    The second is planned from what the first was seen to make. Raises Unsupported where a part of the change cannot be
    split, and ProofError; nothing is written then.
    """
    named = name or suggested_name(planned, last.chain)
    parts = halves(planned.old, planned.new, renames=dict(planned.renames), major=planned.major)
    forward, back = parts.expand()
    first = write_proved(project, stage, last, forward, name=f"{named}_expand", kept=kept, declared=declared, undo=back)
    chain = project.chain()
    try:
        half = read_head(chain, project.config.manage)
        with Stage(server, half.history(), half.catalog) as second:
            forward, back = parts.contract(replace(half.catalog, major=planned.new.major))
            done = write_proved(
                project,
                second,
                half,
                forward,
                name=f"{named}_contract",
                kept=kept,
                declared=declared,
                undo=back,
                contracts=first.id,
            )
    except BaseException:
        write.remove(chain[-1:])
        raise
    return first, msgspec.structs.replace(done, broken=broken_models(planned, project.sources))
