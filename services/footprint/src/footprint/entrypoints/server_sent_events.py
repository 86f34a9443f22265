"""Server-sent events: an analysis' progress as a stream that costs nobody a thread.

Each stream is a coroutine that sleeps between two looks at the database; the looks take turns on a
few threads of their own, so that however many streams are open they neither take the threads of the
requests nor keep a connection. (WHATWG HTML Living Standard, section 9.2.)
"""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import anyio
from anyio.to_thread import run_sync
from starlette.responses import StreamingResponse

from chassis.errors import GreenchainError, Kind, Unavailable
from footprint.domain.analysis import Analysis

MEDIA_TYPE = "text/event-stream"
#: How often a stream looks for news [s].
LOOK_S = 0.5
#: How long a stream may say nothing [s]; proxies cut silent connections after a minute or so.
HEARTBEAT_S = 15.0
#: After how long a stream ends and the client comes again, with a token that is still good [s].
LIFE_S = 600.0
#: How long a client waits before it comes again [ms].
RETRY_MS = 1000
#: Streams of one tenant on one instance [1]: each looks twice a second.
MOST_STREAMS = 20
#: Digits of a revision.
_LONGEST = 100
#: Threads for the looks of all streams [1].
_THREADS = 4


@dataclass(eq=False)
class TooManyStreams(GreenchainError):
    """The tenant follows as many analyses as it may."""

    code: ClassVar[str] = "footprint.analysis.too_many_streams"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{most} streams of yours are open, which is the most. Close one, or read the analysis "
        "itself now and then."
    )
    zh: ClassVar[str] = "您已打开 {most} 个事件流，达到上限。请关闭其一，或定期读取分析本身。"

    most: int


@dataclass
class EventStreams:
    """The streams of one instance; as a worker, it ends them when the service stops.

    Attributes
    ----------
    heartbeat_s, life_s
        See `HEARTBEAT_S` and `LIFE_S`.
    """

    heartbeat_s: float = HEARTBEAT_S
    life_s: float = LIFE_S
    _open: Counter[str] = field(default_factory=Counter, init=False)
    _stopping: bool = field(default=False, init=False)
    _limiter: anyio.CapacityLimiter | None = field(default=None, init=False)

    def start(self) -> None:
        """Let streams run."""
        self._stopping = False

    def stop(self) -> None:
        """End all streams; their clients come again, to another instance or to the next start."""
        self._stopping = True

    async def open(
        self,
        look: Callable[[], Analysis],
        show: Callable[[Analysis], dict[str, Any]],
        seen: int,
        *,
        of: str,
    ) -> StreamingResponse | None:
        """Open a stream of one analysis; None if the client has seen its end.

        Parameters
        ----------
        look
            Reads the analysis; blocks.
        show
            What the events tell of it.
        seen
            Revision that the client has seen last, 0 for none.
        of
            The tenant whose stream it is.

        Raises
        ------
        TooManyStreams
            If the tenant has `MOST_STREAMS` open.
        """
        first = await self._look(look)
        if first.ended and first.revision == seen:
            return None
        if self._open[of] >= MOST_STREAMS:
            raise TooManyStreams(MOST_STREAMS)
        return StreamingResponse(
            self._counted(of, self._events(first, look, show, seen)),
            media_type=MEDIA_TYPE,
            # Some proxies would collect events for a while.
            headers={"X-Accel-Buffering": "no"},
        )

    async def _counted(self, of: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
        self._open[of] += 1
        try:
            async for event in events:
                yield event
        finally:
            self._open[of] -= 1
            if not self._open[of]:
                del self._open[of]

    async def _events(
        self,
        found: Analysis,
        look: Callable[[], Analysis],
        show: Callable[[Analysis], dict[str, Any]],
        seen: int,
    ) -> AsyncIterator[str]:
        began = told = time.monotonic()
        yield f"retry: {RETRY_MS}\n\n"
        while True:
            if found.revision != seen:
                seen, told = found.revision, time.monotonic()
                yield _event(found, show(found))
            elif time.monotonic() >= told + self.heartbeat_s:
                told = time.monotonic()
                yield ": heartbeat\n\n"
            if found.ended or self._stopping or time.monotonic() >= began + self.life_s:
                return
            await anyio.sleep(LOOK_S)
            try:
                found = await self._look(look)
            except Unavailable:
                # A heartbeat tells that we are here; the database may come back.
                continue
            except GreenchainError:
                return

    async def _look(self, look: Callable[[], Analysis]) -> Analysis:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_THREADS)
        return await run_sync(look, limiter=self._limiter)


def last_seen(header: str | None) -> int:
    """Read `Last-Event-ID`: the revision that the client has seen, 0 if it says nothing usable."""
    usable = header and len(header) <= _LONGEST and header.isascii() and header.isdigit()
    return int(header) if header and usable else 0


def _event(analysis: Analysis, shown: dict[str, Any]) -> str:
    name = str(analysis.state) if analysis.ended else "progress"
    # JSON has no line breaks of its own here, so that one data line holds it.
    return f"event: {name}\nid: {analysis.revision}\ndata: {json.dumps(shown)}\n\n"
