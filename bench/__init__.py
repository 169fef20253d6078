"""How long each command takes and how much memory, beside the peers: `make bench`."""
