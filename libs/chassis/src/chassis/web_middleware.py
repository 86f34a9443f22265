"""What happens around every HTTP request: id, size limit, strict JSON, headers, last resort."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import strict_json
from chassis.clock import new_id
from chassis.errors import GreenchainError, Internal
from chassis.language import language_of
from chassis.logging import get_logger

log = get_logger(__name__)

#: What is read from anybody [bytes]; more is read and parsed only for callers with a valid token.
UNKNOWN_CALLER_BYTES = 64 * 1024

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
}


@dataclass(eq=False)
class BodyTooLarge(GreenchainError):
    """The request body is beyond the limit."""

    code: ClassVar[str] = "request.too_large"
    en: ClassVar[str] = "The request body is larger than {limit_bytes} bytes. Send it in parts."
    zh: ClassVar[str] = "请求体超过 {limit_bytes} 字节。请分批发送。"

    limit_bytes: int


@dataclass(eq=False)
class MalformedJson(GreenchainError):
    """The request body is not JSON, or not strictly."""

    code: ClassVar[str] = "request.json"
    en: ClassVar[str] = (
        "The request body is not valid JSON: {reason}. Correct it and send it again."
    )
    zh: ClassVar[str] = "请求体不是有效的 JSON：{reason}。请更正后重新发送。"

    reason: str


class _ClientGone(Exception):
    """The client hung up before its body was whole."""


class RequestGuard:
    """Outermost ASGI layer of a service's app.

    Parameters
    ----------
    max_body_bytes
        Larger bodies are refused with 413, whatever Content-Length says.
    streamed
        Limits [bytes] of what is put below some paths: it is not held here but handed on as it
        comes, once the token is known to be valid.
    verify
        Checks a token; raises if it is not valid.
    refuse
        Makes the answer for an error: (error, language, request id, status).
    """

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        streamed: Mapping[str, int],
        verify: Callable[[str], object],
        refuse: Callable[..., ASGIApp],
    ) -> None:
        self._app = app
        self._verify = verify
        self._limit = max_body_bytes
        self._streamed = streamed
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        # A service's app may be mounted inside another one that has done all this already.
        if scope["type"] != "http" or "request_id" in scope:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
        scope["request_id"] = request_id
        answer = _Answer(send, request_id)
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                error, status = await self._run(scope, headers, receive, answer)
            except _ClientGone:
                log.info("client gone", method=scope["method"], path=scope["path"])
                return
            if error is not None and not answer.started:
                language = language_of(headers.get("accept-language", ""))
                response = self._refuse(error, language, request_id, status)
                await response(scope, receive, answer)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                seconds=round(time.monotonic() - started, 4),
            )

    async def _run(
        self, scope: Scope, headers: Headers, receive: Receive, answer: "_Answer"
    ) -> tuple[GreenchainError | None, int | None]:
        limit = self._limit_of_stream(scope)
        if limit is not None:
            try:
                await self._check_token(headers)
            except GreenchainError as error:
                return error, None
            return await self._call(scope, _counted(receive, limit), answer)
        try:
            body = await self._read(headers, receive)
            if body and _is_json(headers.get("content-type", "")):
                await run_in_threadpool(strict_json.loads, body)
        except BodyTooLarge as error:
            return error, 413
        except GreenchainError as error:
            return error, None
        except ValueError as error:
            return MalformedJson(reason=str(error)), 400
        return await self._call(scope, _replay(body, receive), answer)

    async def _call(
        self, scope: Scope, receive: Receive, answer: "_Answer"
    ) -> tuple[GreenchainError | None, int | None]:
        try:
            await self._app(scope, receive, answer)
        except _ClientGone:
            raise
        except Exception:
            log.exception("unhandled error")
            return Internal(request_id=scope["request_id"]), None
        return None, None

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        body = bytearray()
        more, known = True, False
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                # What came may look whole, and must not be taken for it.
                raise _ClientGone
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                raise BodyTooLarge(limit_bytes=self._limit)
            if len(body) > UNKNOWN_CALLER_BYTES and not known:
                await self._check_token(headers)
                known = True
        return bytes(body)

    async def _check_token(self, headers: Headers) -> None:
        _, _, token = headers.get("authorization", "").partition(" ")
        await run_in_threadpool(self._verify, token.strip())

    def _limit_of_stream(self, scope: Scope) -> int | None:
        if scope["method"] != "PUT":
            return None
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return next(
            (limit for start, limit in self._streamed.items() if path.startswith(start)), None
        )


def _counted(receive: Receive, limit: int) -> Receive:
    """Hand on what is received, up to a limit [bytes]."""
    left = limit

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        left -= len(message.get("body", b""))
        if left < 0:
            raise BodyTooLarge(limit_bytes=limit)
        return message

    return counted


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower().endswith("json")


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class _Answer:
    """Sends the answer on, with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.started = False
        self.status: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers.setdefault("Cache-Control", "no-store")
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)
