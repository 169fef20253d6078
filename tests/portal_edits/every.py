"""All edits."""
from portal_edits.rich import ENRICHED
EDITS=(ENRICHED,)
