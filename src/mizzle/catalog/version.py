"""The reader's version, where it costs nothing to import."""

from __future__ import annotations

READER_VERSION = 3
"""Raised whenever the reader says something else of the same database."""
