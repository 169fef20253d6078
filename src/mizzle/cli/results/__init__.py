"""What the commands print with `--json`: a struct for each, of which schema and docs/json.md are made.

A field's meaning stands beside it, for whoever reads the schema. Fields are added; what is there stays as it is.
"""
