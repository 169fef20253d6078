"""SQL that was written by hand: what it does to others, as the server and squawk say it."""
