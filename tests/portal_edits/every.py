"""All edits, kind by kind."""

from __future__ import annotations

from portal_edits.columns import COLUMNS
from portal_edits.computed import COMPUTED
from portal_edits.constraints import CONSTRAINTS
from portal_edits.enums import ENUMS
from portal_edits.indexes import INDEXES
from portal_edits.rich import ENRICHED
from portal_edits.tables import COMMENTS, SEQUENCES, TABLES
from portal_edits.types import TYPES

EDITS = (*COLUMNS, *COMPUTED, *TYPES, *CONSTRAINTS, *INDEXES, *ENUMS, *TABLES, *SEQUENCES, *COMMENTS, ENRICHED)
