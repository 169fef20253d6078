"""The portal's queries with and without their indexes, as its tables grow from ten thousand to ten million rows."""
