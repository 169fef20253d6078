"""How each kind of object is created, altered and dropped: one module per kind."""
