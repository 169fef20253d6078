"""Lock, history, execute, resume."""
