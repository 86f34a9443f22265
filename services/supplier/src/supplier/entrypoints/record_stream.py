"""The stream on which a supplier sends its records.

One batch at a time is in work: the next message is read only when the answer to the last one has
been written, so that gRPC's flow control holds back a sender that is faster than the database or
does not read its answers. However many batches a client keeps in flight, this side holds one.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from chassis.errors import InvalidInput
from chassis.identity import Principal
from chassis.rpc import run_blocking
from greenchain.supplier.v1 import supplier_pb2
from supplier.application.add_records import add_batch, get_draft
from supplier.application.ports import Context
from supplier.entrypoints import read_messages, write_messages
from supplier.entrypoints.errors import StreamIdle, StreamOutOfOrder

Requests = AsyncIterator[supplier_pb2.StreamActivityRecordsRequest]
Responses = AsyncIterator[supplier_pb2.StreamActivityRecordsResponse]

#: A stream on which nothing comes for this long is closed [s].
IDLE_S = 60.0


async def serve_record_stream(
    context: Context, principal: Principal, requests: Requests, idle_s: float = IDLE_S
) -> Responses:
    """Answer each message of a stream, in order."""
    opening = await _next(requests, idle_s)
    if opening is None:
        return
    if opening.WhichOneof("content") != "opening":
        raise StreamOutOfOrder(got=opening.WhichOneof("content") or "empty")
    named = opening.opening
    draft = await run_blocking(get_draft, context, principal, named.declaration_id, named.version)
    yield supplier_pb2.StreamActivityRecordsResponse(
        ready=supplier_pb2.StreamReady(last_sequence=draft.last_sequence)
    )
    while (message := await _next(requests, idle_s)) is not None:
        if message.WhichOneof("content") != "batch":
            raise StreamOutOfOrder(got=message.WhichOneof("content") or "empty")
        yield await run_blocking(_take, context, principal, named, draft.opened_at, message.batch)


async def _next(
    requests: Requests, idle_s: float
) -> supplier_pb2.StreamActivityRecordsRequest | None:
    try:
        async with asyncio.timeout(idle_s):
            return await anext(requests, None)
    except TimeoutError as error:
        raise StreamIdle(seconds=idle_s) from error


def _take(
    context: Context,
    principal: Principal,
    named: supplier_pb2.StreamOpening,
    opened_at: datetime,
    batch: supplier_pb2.RecordBatch,
) -> supplier_pb2.StreamActivityRecordsResponse:
    stated = read_messages.stated_records(batch.records)
    try:
        count = add_batch(
            context,
            principal,
            named.declaration_id,
            named.version,
            batch.sequence,
            stated,
            opened_at,
        )
    except InvalidInput as error:
        return supplier_pb2.StreamActivityRecordsResponse(
            refused=write_messages.batch_refused(batch.sequence, error.violations)
        )
    return supplier_pb2.StreamActivityRecordsResponse(
        acknowledged=supplier_pb2.BatchAcknowledged(sequence=batch.sequence, record_count=count)
    )
