"""The throw-away PostgreSQL that says what every schema is."""
