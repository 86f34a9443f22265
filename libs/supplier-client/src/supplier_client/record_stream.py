"""Sending records on a stream that may break.

The records are cut into numbered batches. Some are in flight at a time; each is acknowledged once
it is durable. A stream that breaks is opened again after a pause and goes on after the last batch
that was acknowledged here. What the service holds besides, from an earlier run, is sent again
before anything new: the service tells a batch that it holds already from one that differs, so that
a file that was changed in the meantime is noticed wherever it was changed.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from queue import SimpleQueue

import grpc

from chassis.errors import InvalidInput, Violation
from chassis.rpc import raise_from
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc
from supplier_client.client import SERVICE
from supplier_client.errors import DraftHoldsOtherRecords
from supplier_client.refusals import refused_record

#: Records per message, and messages that may be on the way unanswered.
BATCH_SIZE = 200
WINDOW = 8
#: More in one message is refused by the service.
MOST_PER_BATCH = 1000
#: A stream that breaks this often without any progress is given up.
MOST_FAILURES = 6
#: Pause before the first new attempt, and the longest one [s].
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
#: Deadline of one stream [s]; what is not sent by then goes on the next one.
STREAM_TIMEOUT_S = 300.0

_BROKEN = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
)
# Codes of the service that follow from an earlier refusal, or from a draft filled before.
_OUT_OF_SEQUENCE = "supplier.batch.out_of_sequence"
_DIFFERS = "supplier.batch.differs"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is.

    Attributes
    ----------
    acknowledged, total
        Records that the service holds, of all [1].
    reconnections
        How often the stream broke and was opened again.
    """

    acknowledged: int
    total: int
    reconnections: int


class RecordSender:
    """Sends the records of one draft, however often the stream breaks."""

    def __init__(
        self,
        stub: supplier_pb2_grpc.DeclarationServiceStub,
        draft: declaration_pb2.Declaration,
        records: Sequence[declaration_pb2.ActivityRecord],
        *,
        batch_size: int = BATCH_SIZE,
        window: int = WINDOW,
        on_progress: Callable[[Progress], None] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not 1 <= batch_size <= MOST_PER_BATCH or window < 1:
            raise ValueError(f"batch_size must be 1 to {MOST_PER_BATCH}, window at least 1")
        self._stub = stub
        self._draft = draft
        self._total = len(records)
        self._batch_size = batch_size
        self._batches = [
            records[start : start + batch_size] for start in range(0, len(records), batch_size)
        ]
        self._held_after = list(accumulate(len(batch) for batch in self._batches))
        self._window = window
        self._on_progress = on_progress
        self._pause = pause
        self._answered = 0  # batches that were acknowledged here
        self._reconnections = 0

    def send(self) -> None:
        """Send everything; returns once all of it is durable.

        Raises
        ------
        InvalidInput
            With every record that the service refused.
        DraftHoldsOtherRecords
            If the draft was filled differently before.
        """
        failures = 0
        while True:
            before = self._answered
            try:
                self._send_on_one_stream()
                return
            except grpc.RpcError as error:
                if error.code() not in _BROKEN:
                    raise_from(error, SERVICE)
                failures = 1 if self._answered > before else failures + 1
                if failures > MOST_FAILURES:
                    raise_from(error, SERVICE)
            self._reconnections += 1
            longest = min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S)
            # Spread out, so that all the suppliers that a restart cut off do not come back at once.
            self._pause(longest * random.uniform(0.5, 1.0))

    def _send_on_one_stream(self) -> None:
        outgoing: SimpleQueue[supplier_pb2.StreamActivityRecordsRequest | None] = SimpleQueue()
        opening = supplier_pb2.StreamOpening(
            declaration_id=self._draft.id, version=self._draft.version
        )
        outgoing.put(supplier_pb2.StreamActivityRecordsRequest(opening=opening))
        call = self._stub.StreamActivityRecords(iter(outgoing.get, None), timeout=STREAM_TIMEOUT_S)
        try:
            self._converse(call, outgoing)
        finally:
            outgoing.put(None)
            call.cancel()

    def _converse(
        self,
        call: Iterator[supplier_pb2.StreamActivityRecordsResponse],
        outgoing: "SimpleQueue[supplier_pb2.StreamActivityRecordsRequest | None]",
    ) -> None:
        held = next(call).ready.last_sequence
        if held > len(self._batches):
            raise self._other_records()
        violations: list[Violation] = []
        sent = answered = self._answered
        while answered < len(self._batches):
            # Nothing new may follow until all that the service holds was found to be the same.
            last = len(self._batches) if answered >= held else held
            while sent < last and sent - answered < self._window:
                batch = supplier_pb2.RecordBatch(sequence=sent + 1, records=self._batches[sent])
                outgoing.put(supplier_pb2.StreamActivityRecordsRequest(batch=batch))
                sent += 1
            answer = next(call)
            if answer.WhichOneof("content") == "refused":
                # What comes after a refused batch is refused too, but checked: all in one go.
                violations += self._refusals(answered, answer.refused, violations)
            else:
                self._acknowledge(answered, answer.acknowledged)
            answered += 1
        if violations:
            raise InvalidInput(violations=tuple(violations))
        outgoing.put(None)
        for _ in call:
            pass  # nothing but the end of the stream is left

    def _acknowledge(self, index: int, answer: supplier_pb2.BatchAcknowledged) -> None:
        # More may be held than up to this batch: those of an earlier run, or on the way when the
        # last stream broke. They are the next ones of these records, or the draft was filled
        # otherwise.
        if answer.record_count not in self._held_after[index:]:
            raise self._other_records()
        self._answered = index + 1
        if self._on_progress is not None:
            acknowledged = self._held_after[index]
            self._on_progress(Progress(acknowledged, self._total, self._reconnections))

    def _refusals(
        self, index: int, refused: supplier_pb2.BatchRefused, earlier: Sequence[Violation]
    ) -> list[Violation]:
        codes = {each.code for each in refused.violations}
        if _DIFFERS in codes or (_OUT_OF_SEQUENCE in codes and not earlier):
            raise self._other_records()
        return [
            refused_record(each, index * self._batch_size + each.row if each.row else None)
            for each in refused.violations
            if each.code != _OUT_OF_SEQUENCE
        ]

    def _other_records(self) -> DraftHoldsOtherRecords:
        return DraftHoldsOtherRecords(declaration_id=self._draft.id, given=self._total)
