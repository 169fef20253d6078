"""The command line: one module per command, no logic beyond asking and printing."""
