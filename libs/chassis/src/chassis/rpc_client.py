"""Calling other services over gRPC: a channel adds token, deadline and language to every call."""

from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

from chassis.errors import LANGUAGES
from chassis.rpc_status import MAX_METADATA_BYTES

#: Returns an access token: `ClientCredentials.token`, or `current_token` to act for the caller.
TokenProvider = Callable[[], str]

DEFAULT_TIMEOUT_S = 10.0
DEFAULT_STREAM_TIMEOUT_S = 300.0
DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024


def channel_options(max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES) -> list[tuple[str, int]]:
    """Return the options that every channel to a greenchain service needs."""
    return [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        # Errors name every bad row.
        ("grpc.max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
    ]


def connect(
    target: str,
    token_provider: TokenProvider,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    stream_timeout_s: float = DEFAULT_STREAM_TIMEOUT_S,
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
    language: str = LANGUAGES[0],
) -> grpc.Channel:
    """Open a channel.

    Parameters
    ----------
    target
        ``host:port``.
    token_provider
        Asked once per call, in the calling thread.
    timeout_s, stream_timeout_s
        Deadline of calls, and of calls with a stream, that set none themselves [s].
    language
        In which errors are told, ``en`` or ``zh``.
    """
    channel = grpc.insecure_channel(target, options=channel_options(max_message_bytes))
    caller = _Caller(token_provider, timeout_s, stream_timeout_s, language)
    return grpc.intercept_channel(channel, caller)


class _Details(NamedTuple):
    """What gRPC asks of the details of a call."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: Any
    compression: Any


class _Caller(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    def __init__(
        self,
        token_provider: TokenProvider,
        timeout_s: float,
        stream_timeout_s: float,
        language: str,
    ) -> None:
        self._token_provider = token_provider
        self._timeout_s = timeout_s
        self._stream_timeout_s = stream_timeout_s
        self._language = language

    def _addressed(self, details: Any, default_timeout_s: float) -> Any:
        metadata = [("accept-language", self._language), *(details.metadata or ())]
        metadata.append(("authorization", f"Bearer {self._token_provider()}"))
        return _Details(
            details.method,
            default_timeout_s if details.timeout is None else details.timeout,
            metadata,
            details.credentials,
            getattr(details, "wait_for_ready", None),
            getattr(details, "compression", None),
        )

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return continuation(self._addressed(client_call_details, self._timeout_s), request)

    def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return continuation(self._addressed(client_call_details, self._stream_timeout_s), request)

    def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        details = self._addressed(client_call_details, self._stream_timeout_s)
        return continuation(details, request_iterator)

    def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        details = self._addressed(client_call_details, self._stream_timeout_s)
        return continuation(details, request_iterator)
