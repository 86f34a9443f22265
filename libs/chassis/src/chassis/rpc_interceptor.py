"""What happens around every gRPC call on the server: token, deadline, errors."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar

import grpc
import structlog
from grpc_status import rpc_status

from chassis.blocking import run_blocking
from chassis.caller import set_caller
from chassis.clock import new_id
from chassis.errors import GreenchainError, Internal, Kind, Unauthenticated
from chassis.language import language_of
from chassis.logging import get_logger
from chassis.rpc_status import to_status
from chassis.tokens import TokenVerifier

log = get_logger(__name__)

# Asked by load balancers and tools, which have no token.
_OPEN_SERVICES = ("/grpc.health.v1.Health/", "/grpc.reflection.")
#: Deadline of a call at most [s]: what a stream holds and what its token allowed end with it.
#: (Without a deadline gRPC reports one in a far future.)
LONGEST_CALL_S = 3600.0


class DeadlineRequired(GreenchainError):
    """The call would wait for ever, or for very long."""

    code: ClassVar[str] = "rpc.deadline_required"
    en: ClassVar[str] = (
        "A call needs a deadline of at most an hour. Set a timeout; resume a longer stream."
    )
    zh: ClassVar[str] = "调用必须设置截止时间，最长一小时。请设置超时；更长的流请断点续传。"


class CallGuard(grpc.aio.ServerInterceptor):
    """Wraps every handler but those of health and reflection."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the handler of a call, guarded."""
        handler = await continuation(handler_call_details)
        method = str(handler_call_details.method)
        if handler is None or method.startswith(_OPEN_SERVICES):
            return handler
        shape = (
            ("stream" if handler.request_streaming else "unary")
            + "_"
            + ("stream" if handler.response_streaming else "unary")
        )
        make: Callable[..., Any] = getattr(grpc, f"{shape}_rpc_method_handler")
        return make(
            self._guard(getattr(handler, shape), method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _guard(self, behaviour: Callable[..., Any], method: str) -> Callable[..., Any]:
        if inspect.isasyncgenfunction(behaviour):

            async def guarded_generator(request: Any, context: Any) -> AsyncIterator[Any]:
                call = _Call(method, context)
                try:
                    await self._admit(context)
                    async for answer in behaviour(request, context):
                        yield answer
                except Exception as error:  # noqa: BLE001 - every error becomes a status
                    await call.abort(error)

            return guarded_generator
        if not inspect.iscoroutinefunction(behaviour):
            raise TypeError(f"the handler of {method} must be `async def`")

        async def guarded(request: Any, context: Any) -> Any:
            call = _Call(method, context)
            try:
                await self._admit(context)
                return await behaviour(request, context)
            except Exception as error:  # noqa: BLE001 - every error becomes a status
                await call.abort(error)

        return guarded

    async def _admit(self, context: Any) -> None:
        metadata = dict(context.invocation_metadata() or ())
        scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(reason="no token")
        # In a thread: the verifier may have to fetch the issuer's keys.
        set_caller(await run_blocking(self._verifier.verify, token), token)
        remaining = context.time_remaining()
        if remaining is None or remaining > LONGEST_CALL_S:
            raise DeadlineRequired


class _Call:
    """One call: its id in the logs, and how it ends in an error."""

    def __init__(self, method: str, context: Any) -> None:
        self._context = context
        self._request_id = new_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self._request_id, method=method)

    async def abort(self, error: Exception) -> None:
        """End the call with the status of an error; raises."""
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if not isinstance(error, GreenchainError):
            log.error("unhandled error", exc_info=error)
            error = Internal(request_id=self._request_id)
        elif error.kind is Kind.INTERNAL:
            log.error("internal error", code=error.code, error=error.message())
            error = Internal(request_id=self._request_id)
        metadata = dict(self._context.invocation_metadata() or ())
        language = language_of(str(metadata.get("accept-language", "")))
        status = to_status(error, language)
        rich: Any = rpc_status.to_status(status)
        await self._context.abort(rich.code, rich.details, rich.trailing_metadata)
