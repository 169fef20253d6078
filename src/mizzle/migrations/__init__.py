"""The migrations folder: read, checked, written."""
