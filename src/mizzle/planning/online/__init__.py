"""Changes in steps that keep readers and writers going: one module per kind, beside the plain ones in recipes/.

What PostgreSQL 14 to 18 lock, rewrite and scan for each statement was measured; docs/online.md has the table.
"""
