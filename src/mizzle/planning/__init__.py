"""Changes in, ordered steps out."""
