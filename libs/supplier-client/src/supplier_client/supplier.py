"""What a supplier does: answer data requests."""

import time
from collections.abc import Callable, Iterator, Sequence

import grpc

from chassis.rpc import RemoteError, translated_errors
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc
from supplier_client.client import SERVICE, Client, pages
from supplier_client.errors import CalculationPending
from supplier_client.record_stream import (
    BATCH_SIZE,
    WINDOW,
    Progress,
    RecordSender,
)
from supplier_client.refusals import calculation_refused

# Code of the service: the period that is given does not cover what the open draft holds.
_DRAFT_HAS_OTHER_RECORDS = "supplier.declaration.draft_has_other_records"
#: First and longest pause between two looks at a declaration [s].
FIRST_LOOK_S, LONGEST_LOOK_S = 0.05, 2.0


class SupplierClient(Client):
    """A supplier's side of the service. Blocking; may be shared by threads.

    Parameters
    ----------
    channel
        From `chassis.rpc.connect`, or use `SupplierClient.connect`.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        super().__init__(channel)
        self._requests = supplier_pb2_grpc.DataRequestServiceStub(channel)
        self._declarations = supplier_pb2_grpc.DeclarationServiceStub(channel)
        self._grants = supplier_pb2_grpc.GrantServiceStub(channel)

    def received_requests(self) -> Iterator[declaration_pb2.DataRequest]:
        """Go through the requests that were sent to this supplier, oldest first."""
        asked = supplier_pb2.ListReceivedDataRequestsRequest
        return pages(lambda token: self._requests.ListReceivedDataRequests(asked(page_token=token)))

    def open_declaration(
        self,
        data_request_id: str,
        plant_name: str,
        plant_region: str,
        reference_period: tuple[str, str],
        *,
        afresh: bool = False,
    ) -> declaration_pb2.Declaration:
        """Open a declaration, its next version, or the draft that is open already.

        Parameters
        ----------
        plant_region
            ISO 3166 code of country or province, e.g. ``CN-SC``.
        reference_period
            First and last day, ``("2025-01-01", "2025-12-31")``.
        afresh
            Discard an open draft that holds records, and open an empty one in its place.
        """
        start, end = reference_period
        asked = supplier_pb2.OpenDeclarationRequest(
            data_request_id=data_request_id,
            plant_name=plant_name,
            plant_region=plant_region,
            reference_period=common_pb2.Period(start=start, end=end),
        )
        try:
            draft = self._open(asked)
        except RemoteError as error:
            if not (afresh and error.code == _DRAFT_HAS_OTHER_RECORDS):
                raise
            named = error.remote_attributes
            draft = self.declaration(str(named["declaration_id"]), int(named["version"]))
        if not (afresh and draft.record_count):
            return draft
        self.discard_draft(draft)
        return self._open(asked)

    def _open(self, asked: supplier_pb2.OpenDeclarationRequest) -> declaration_pb2.Declaration:
        with translated_errors(SERVICE):
            return self._declarations.OpenDeclaration(asked).declaration

    def discard_draft(self, draft: declaration_pb2.Declaration) -> None:
        """Discard a draft with its records; its version number becomes free again.

        Discarding it twice is an error, `NotFound`'s code, like discarding an unknown one.
        """
        asked = supplier_pb2.DiscardDraftRequest(declaration_id=draft.id, version=draft.version)
        with translated_errors(SERVICE):
            self._declarations.DiscardDraft(asked)

    def send_records(
        self,
        draft: declaration_pb2.Declaration,
        records: Sequence[declaration_pb2.ActivityRecord],
        *,
        batch_size: int = BATCH_SIZE,
        window: int = WINDOW,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """Send the records of a draft; returns once all are durable.

        A stream that breaks is resumed after the last acknowledged batch. The same call after a
        crash of this process goes on where the last one ended, once the service has compared what
        it holds with `records`.

        Parameters
        ----------
        batch_size
            Records per message; a draft is filled with one batch size from beginning to end.
        window
            Messages that may be on the way unanswered.
        on_progress
            Called after each acknowledgement.

        Raises
        ------
        InvalidInput
            With every violation, located by the row in `records` (from 1), `record_id` and field.
        DraftHoldsOtherRecords
            If the draft holds other records than the first ones of these; nothing was added.
        """
        sender = RecordSender(
            self._declarations,
            draft,
            records,
            batch_size=batch_size,
            window=window,
            on_progress=on_progress,
        )
        sender.send()

    def submit(self, draft: declaration_pb2.Declaration) -> declaration_pb2.Declaration:
        """Submit a draft; submitting again gives the same answer."""
        asked = supplier_pb2.SubmitDeclarationRequest(
            declaration_id=draft.id, version=draft.version
        )
        with translated_errors(SERVICE):
            return self._declarations.SubmitDeclaration(asked).declaration

    def declaration(self, declaration_id: str, version: int = 0) -> declaration_pb2.Declaration:
        """Read a version of an own declaration, 0 for the newest."""
        asked = supplier_pb2.GetDeclarationRequest(declaration_id=declaration_id, version=version)
        with translated_errors(SERVICE):
            return self._declarations.GetDeclaration(asked).declaration

    def wait_until_calculated(
        self,
        submitted: declaration_pb2.Declaration,
        timeout_s: float = 60.0,
        *,
        records: Sequence[declaration_pb2.ActivityRecord] = (),
    ) -> declaration_pb2.Declaration:
        """Wait for the footprint of a submitted version.

        Parameters
        ----------
        records
            What was given to `send_records`, so that a refusal can name rows besides ids.

        Raises
        ------
        CalculationRefused
            If no footprint can be calculated from it, with every violation.
        CalculationPending
            If it is not there after `timeout_s` [s].
        """
        end = time.monotonic() + timeout_s
        pause = FIRST_LOOK_S
        while True:
            found = self.declaration(submitted.id, submitted.version)
            if found.HasField("calculated_footprint"):
                return found
            if found.violations:
                raise calculation_refused(found, records)
            if time.monotonic() + pause > end:
                raise CalculationPending(
                    declaration_id=submitted.id, version=submitted.version, seconds=timeout_s
                )
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK_S)

    def grants(self, declaration_id: str = "") -> list[supplier_pb2.Grant]:
        """List the grants that this supplier gave, of one declaration or all."""
        with translated_errors(SERVICE):
            asked = supplier_pb2.ListGrantsRequest(declaration_id=declaration_id)
            return list(self._grants.ListGrants(asked).grants)

    def revoke_grant(self, grant_id: str) -> supplier_pb2.Grant:
        """Take a grant back at once."""
        with translated_errors(SERVICE):
            asked = supplier_pb2.RevokeGrantRequest(grant_id=grant_id)
            return self._grants.RevokeGrant(asked).grant
