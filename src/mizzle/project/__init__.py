"""A project: its configuration, and each use case as one function."""
