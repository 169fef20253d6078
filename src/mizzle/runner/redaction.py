"""Passwords taken out of texts that others wrote: errors, queries, what was typed in a wrong place."""

from __future__ import annotations

import re

# What a user may have typed in a wrong place, or what an error of the models' own quotes: a URL that is known to be one
# is described by runner/url.py. What is taken for a password goes too far rather than not far enough.
_IN_URL = r"((?::/+|//)[^\s:/?#@]*:)(?!password@)[^\n]*@"
_IN_SETTING = r"(?i)(password=)('[^']*'|[^\s&'\"]+)"
_IN_SQL = r"(?i)(\bpassword\s+)'[^']*'"


def without_passwords(text: str) -> str:
    """Return `text` with *** for each password in what looks like a database URL, a setting of one, or SQL."""
    for pattern, hidden in ((_IN_URL, r"\1***@"), (_IN_SETTING, r"\1***"), (_IN_SQL, r"\1***")):
        text = re.sub(pattern, hidden, text)
    return text
