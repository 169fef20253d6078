"""Advice on a schema: what to index, what to drop, what slows down as data grows; each finding with its evidence."""
