"""What other tools have left of themselves: their folders, their tables, and what the database has of their files."""
