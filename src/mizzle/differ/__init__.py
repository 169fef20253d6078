"""Two catalogs in, the changes between them out."""
