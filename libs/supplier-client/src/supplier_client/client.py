"""What the clients of both sides share: a channel, and lists that come in pages."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

import grpc

from chassis.rpc import connect, translated_errors
from greenchain.supplier.v1 import declaration_pb2

SERVICE = "supplier"


class Client:
    """One side of the service. Blocking; may be shared by threads.

    Parameters
    ----------
    channel
        From `chassis.rpc.connect`, or use the class method `connect`.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    @classmethod
    def connect(
        cls, target: str, token_provider: Callable[[], str], *, language: str = "en"
    ) -> Self:
        """Open a client for the service at ``host:port``; errors are told in ``en`` or ``zh``."""
        return cls(connect(target, token_provider, language=language))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


class Page(Protocol):
    """An answer with some of the data requests, and where the next page begins."""

    @property
    def data_requests(self) -> Iterable[declaration_pb2.DataRequest]: ...

    @property
    def next_page_token(self) -> str: ...


def pages(ask: Callable[[str], Page]) -> Iterator[declaration_pb2.DataRequest]:
    """Go through all pages, asking for each by the token that the last one gave."""
    token = ""
    while True:
        with translated_errors(SERVICE):
            page = ask(token)
        yield from page.data_requests
        token = page.next_page_token
        if not token:
            return
