"""What every act of the demonstration is given."""

from dataclasses import dataclass
from pathlib import Path

from greenchain_cli.demo.cast import Cast, Supplier
from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.tables import ProductFolder


@dataclass(frozen=True, slots=True)
class Stage:
    """The running platform's users, who tells the story, and what it is about.

    Attributes
    ----------
    product
        The product as its folder holds it.
    records
        Folder of the suppliers' records.
    event_log
        Setting of the event log, for consumers.
    """

    cast: Cast
    narrator: Narrator
    product: ProductFolder
    records: Path
    event_log: str

    def arguments_of(self, supplier: Supplier, records: Path, request_id: str) -> list[str]:
        """Return the command by which a supplier declares its records."""
        start, end = REFERENCE_PERIOD
        return [
            "supplier", "declare", str(self.records / records),
            "--request", request_id,
            "--plant-name", supplier.plant,
            "--region", supplier.region,
            "--from", start,
            "--to", end,
        ]  # fmt: skip


REFERENCE_PERIOD = ("2025-01-01", "2025-12-31")
"""Period that the lead firm asks for, and that the shipped records cover."""
METHOD = "ipcc_ar6_gwp100_v2"
"""Characterization method of all footprints of the demonstration."""
