"""What stands before every page: only this machine's own browser gets in, and pages can do only what they are for.

Sources: the Fetch standard (Origin, Sec-Fetch-Site), RFC 6265bis (SameSite), Content Security Policy Level 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mizzle.studio.admission import Admission

ENTRANCE = "/enter"
_LARGEST_BODY = 1_000_000
_OWN_SITE = {None, "same-origin", "none"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """Checks Host, Origin and cookie of each request, and puts the policy on each answer.

    `hosts` are the values of Host that are answered, such as `127.0.0.1:8765`: any other is a name that was made to
    point here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, admission: Admission, hosts: frozenset[str]) -> None:
        self._app, self._admission, self._hosts = app, admission, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        nonce = scope["nonce"] = secrets.token_urlsafe(16)
        answer = self._answer(Request(scope))
        app = self._app if answer is None else answer
        await app(scope, _limited(receive), _protected(send, nonce))

    def _answer(self, request: Request) -> Response | None:
        """Return what a request is answered with that goes no further; None for one that is served."""
        headers = request.headers
        if headers.getlist("host") != [headers.get("host", "")] or headers.get("host") not in self._hosts:
            return _refusal(421, "this address is not studio's own", "open the one that the terminal shows")
        if request.url.path == ENTRANCE and request.method == "GET":
            return self._enter(request)
        if not self._is_own(headers, request.method):
            return _refusal(403, "this request comes from another site", "open studio by itself")
        if not self._admission.is_admitted(_cookies(headers).get(self._admission.cookie)):
            return _stranger(request)
        if request.method not in {"GET", "POST"}:
            return _refusal(405, f"{request.method} is not served", "")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return _refusal(413, f"the request is larger than {_LARGEST_BODY:,} bytes", "send less")
        return None

    def _is_own(self, headers: Headers, method: str) -> bool:
        """Return whether a request was made by a page of ours, or typed into the address bar."""
        origins = headers.getlist("origin")
        own = all(each.startswith("http://") and each.removeprefix("http://") in self._hosts for each in origins)
        return own and headers.get("sec-fetch-site") in _OWN_SITE and (method == "GET" or bool(origins))

    def _enter(self, request: Request) -> Response:
        """Exchange the token in the address for a cookie; who has one already is let in again."""
        cookie = self._admission.enter(request.query_params.get("token", ""))
        if cookie is None:
            if self._admission.is_admitted(_cookies(request.headers).get(self._admission.cookie)):
                return _onward()
            return _page(403, "This address was used before", "Press Enter in the terminal for a new one.")
        answer = _onward()
        answer.set_cookie(self._admission.cookie, cookie, httponly=True, samesite="strict", path="/")
        return answer


def _onward() -> Response:
    """Return a page that leads on. A redirect would not carry a strict cookie where the way here began elsewhere."""
    head = '<meta http-equiv="refresh" content="0;url=/"><link rel="icon" href="/assets/icon.svg">'
    body = '<title>Mizzle Studio</title><p><a href="/">Mizzle Studio</a>'
    return HTMLResponse(f'<!doctype html><html lang="en">{head}{body}')


def _stranger(request: Request) -> Response:
    if request.url.path.startswith("/api/"):
        return _refusal(401, "this browser has not entered", "open the address that the terminal shows")
    hint = "Open the address that the terminal shows; press Enter there for a new one."
    return _page(401, "This browser has not entered", hint)


def _refusal(status: int, message: str, hint: str) -> Response:
    return JSONResponse({"message": message, "hint": hint, "code": "refused"}, status)


def _page(status: int, title: str, text: str) -> Response:
    head = f"<title>{title} · Mizzle Studio</title>"
    return HTMLResponse(f'<!doctype html><html lang="en">{head}<h1>{title}</h1><p>{text}</p>', status)


def _cookies(headers: Headers) -> Mapping[str, str]:
    try:
        found = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def _limited(receive: Receive) -> Receive:
    """Return what receives no more of a body than a request may have, whatever length it states."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return {"type": "http.disconnect"} if received > _LARGEST_BODY else message

    return limited


def _protected(send: Send, nonce: str) -> Send:
    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = _POLICY.format(nonce=nonce)
            headers.setdefault("cache-control", "no-store")
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return protected
