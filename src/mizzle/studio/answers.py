"""How a request becomes an answer: JSON, errors in words, and nothing that runs on when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mizzle.errors import MizzleError
from mizzle.studio.refused import Refused, of_mizzle
from mizzle.studio.state import Studio

T = TypeVar("T")
Handler = Callable[[Studio, Request], Awaitable[Any]]

_LARGEST = 30_000_000
"""Bytes of an answer."""


def endpoint(studio: Studio, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return what serves a request by `handler`: what it returns is sent as JSON, unless it is a Response itself."""

    async def serve(request: Request) -> Response:
        try:
            found = await while_awaited(studio, request, lambda: handler(studio, request))
        except Refused as refused:
            return _json(refused.answer(), refused.status)
        except MizzleError as error:
            refused = of_mizzle(error)
            return _json(refused.answer(), refused.status)
        return found if isinstance(found, Response) else _json(found, 200)

    return serve


async def while_awaited(studio: Studio, request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` returns; when the page is closed meanwhile, it is cancelled, with the query that it runs.

    So it is when studio ends.
    """
    if request.method == "POST":
        await _received(request)  # before anybody waits for the end: the body comes on the same line
    doing = asyncio.ensure_future(work())
    studio.working.add(doing)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            doing.cancel()
        return await doing
    except asyncio.CancelledError:
        doing.cancel()
        raise Refused(499, "nobody waits for this any more", code="gone") from None
    finally:
        studio.working.discard(doing)
        leaving.cancel()


async def _received(request: Request) -> None:
    try:
        await request.body()
    except ClientDisconnect:
        raise Refused(499, "the request was not received whole", code="gone") from None


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def body(request: Request, as_: type[T]) -> T:
    """Return the request's JSON as `as_`. Raises Refused where it is something else."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "the request is not JSON", code="body")
    try:
        return msgspec.json.decode(await request.body(), type=as_)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(400, f"the request cannot be read: {error}", code="body") from error


def _json(found: object, status: int) -> Response:
    text = msgspec.json.encode(found)
    if len(text) > _LARGEST:
        refused = Refused(413, "the answer is larger than 30 MB", hint="ask for fewer rows", code="too_long")
        return _json(refused.answer(), refused.status)
    return Response(text, status, media_type="application/json")
