"""Edits of the portal's models, as data: `test_portal_edits.py` puts each through every oracle."""
