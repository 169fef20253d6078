"""The database in the browser: pages that this machine alone can open, and the server behind them."""
