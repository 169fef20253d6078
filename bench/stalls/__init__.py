"""How long the clients of a table wait while it is migrated."""
