"""What a snapshot says that a migration makes, as far as the project still asks for it."""

from __future__ import annotations

from collections.abc import Collection

from mizzle.catalog import prune, snapshot
from mizzle.catalog.catalog import Catalog
from mizzle.migrations.snapshot import Snapshot


def catalog_of(stored: Snapshot, manage: Collection[str]) -> Catalog:
    """Return the catalog after a migration; of grants, owners and default privileges what is in `manage`."""
    return prune.with_access(snapshot.decode(stored.catalog), manage)
