"""What the tools do with the same things, tried one by one, for docs/compare.md."""
