"""Who may look: whoever has the address that was printed in the terminal, once, and then that browser's cookie."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

_BYTES = 32
_MOST = 20
"""Browsers at a time; the oldest is forgotten."""


@dataclass
class Admission:
    """Tokens that open the door once, and the cookies that they were exchanged for.

    `port` is part of the cookie's name, for a browser sends cookies to every port of a host.
    """

    port: int
    _tokens: list[str] = field(default_factory=list[str], repr=False)
    _cookies: list[str] = field(default_factory=list[str], repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        return f"mizzle_studio_{self.port}"

    def token(self) -> str:
        """Return a new token, good for one entry."""
        self._tokens = [*self._tokens[1 - _MOST :], secrets.token_urlsafe(_BYTES)]
        return self._tokens[-1]

    def enter(self, token: str) -> str | None:
        """Return a cookie's value for a token that was not used before, else None."""
        found = [each for each in self._tokens if _same(each, token)]
        if not found:
            return None
        self._tokens = [each for each in self._tokens if each not in found]
        self._cookies = [*self._cookies[1 - _MOST :], secrets.token_urlsafe(_BYTES)]
        return self._cookies[-1]

    def is_admitted(self, cookie: str | None) -> bool:
        """Return whether a request carries a cookie that was given out; every one is compared, in constant time."""
        return cookie is not None and sum(_same(each, cookie) for each in self._cookies) > 0


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode(errors="surrogateescape"))
