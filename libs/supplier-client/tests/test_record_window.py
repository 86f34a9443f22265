"""What a sender has on the way, against a service that answers one message at a time."""

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any, cast

import pytest

from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc
from supplier_client import record_stream
from supplier_client.record_stream import RecordSender

Request = supplier_pb2.StreamActivityRecordsRequest
Response = supplier_pb2.StreamActivityRecordsResponse


class Waiting(SimpleQueue[Any]):
    """Remembers how many messages waited at most."""

    most = 0

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        super().put(item, block, timeout)
        Waiting.most = max(Waiting.most, self.qsize())


class Call:
    """A stream that takes one message for each answer."""

    def __init__(self, requests: Iterator[Request], held: int) -> None:
        self._requests, self._held = requests, held

    def __iter__(self) -> Iterator[Response]:
        return self

    def __next__(self) -> Response:
        request = next(self._requests)
        if request.WhichOneof("content") == "opening":
            return Response(ready=supplier_pb2.StreamReady(last_sequence=self._held))
        self._held = max(self._held, request.batch.sequence)
        return Response(acknowledged=supplier_pb2.BatchAcknowledged(record_count=self._held))

    def cancel(self) -> None: ...


@pytest.mark.parametrize(
    ("held", "window", "most"), [(0, 3, 3), (2, 3, 3), (2, 20, 8), (0, 20, 10)]
)
def test_no_more_is_on_the_way_than_the_window_or_what_is_held_already(
    monkeypatch: pytest.MonkeyPatch, held: int, window: int, most: int
) -> None:
    class Stub:
        def StreamActivityRecords(self, requests: Iterator[Request], timeout: float) -> Call:
            return Call(requests, held)

    monkeypatch.setattr(record_stream, "SimpleQueue", Waiting)
    Waiting.most = 0
    draft = declaration_pb2.Declaration(id="d", version=1)
    records = [declaration_pb2.ActivityRecord(record_id=str(number)) for number in range(10)]
    stub = cast(supplier_pb2_grpc.DeclarationServiceStub, Stub())
    RecordSender(stub, draft, records, batch_size=1, window=window).send()
    assert Waiting.most == most
