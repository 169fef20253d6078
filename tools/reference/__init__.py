"""The parts of the docs that the code says: `make docs` writes them, a test says which page is not up to date."""
