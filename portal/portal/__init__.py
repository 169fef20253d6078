"""The database layer of a multi-tenant reporting portal."""
