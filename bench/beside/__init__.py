"""Each tool's own speed beside those of the others, as schemas and histories grow: `make bench-peers`."""
