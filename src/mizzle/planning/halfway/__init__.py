"""Half way between two schemas: one on which code for the old and code for the new work alike (expand and contract)."""
