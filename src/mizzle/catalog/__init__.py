"""Immutable objects of a schema, one module per kind, and the one reader that fills them."""
