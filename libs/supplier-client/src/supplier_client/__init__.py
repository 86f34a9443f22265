"""Python client of the supplier service.

A supplier answers a data request from a file of activity records::

    credentials = ClientCredentials(token_url, client_id, secret)
    with SupplierClient.connect("supplier.example:8443", credentials.token) as client:
        request = next(client.received_requests())
        draft = client.open_declaration(
            request.id, "Suining plant", "CN-SC", ("2025-01-01", "2025-12-31")
        )
        records = read_records("records.csv")
        client.send_records(draft, records)
        client.submit(draft)
        declared = client.wait_until_calculated(draft, records=records)

Messages are those of `greenchain.supplier.v1`. Errors are `chassis.errors.GreenchainError`: with a
stable code, typed attributes and, for bad data, every violation with its row and field.
"""

from chassis.tokens import ClientCredentials
from supplier_client.errors import (
    CalculationPending,
    CalculationRefused,
    DraftHoldsOtherRecords,
    RefusedRecord,
)
from supplier_client.lead_firm import LeadFirmClient
from supplier_client.record_file import read_records
from supplier_client.record_stream import Progress
from supplier_client.supplier import SupplierClient

__all__ = [
    "CalculationPending",
    "CalculationRefused",
    "ClientCredentials",
    "DraftHoldsOtherRecords",
    "LeadFirmClient",
    "Progress",
    "RefusedRecord",
    "SupplierClient",
    "read_records",
]
