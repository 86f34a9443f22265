"""The machine-readable end of the demonstration: `summary.json`."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenchain_cli.demo.log_reader import LoggedEvent

FILE_NAME = "summary.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the services answered at the end of the main job.

    Attributes
    ----------
    footprint, superseded
        The new and the deprecated footprint.
    background
        The footprint on background data alone.
    record
        The public record.
    declarations
        The accepted versions that the new footprint cites.
    verified
        What the body's consumer found.
    database, event_log
        Which kind of each the platform ran on.
    """

    footprint: Any
    superseded: Any
    background: Any
    record: Any
    declarations: Sequence[Any]
    events: Sequence[LoggedEvent]
    verified: bool
    database: str
    event_log: str


def summary(outcome: Outcome, elapsed_s: float) -> dict[str, Any]:
    """Return the summary; every figure is the services' own."""
    footprint, engines = outcome.footprint, outcome.footprint["engines"]
    return {
        "product": footprint["product_id"],
        "declared_unit": footprint["declared_unit"],
        "boundary": footprint["boundary"],
        "pcf_kg_co2e": footprint["kg_co2e"],
        "pcf_kg_co2e_background_only": outcome.background["kg_co2e"],
        "stages": footprint["stages"],
        "beyond_boundary": footprint["beyond_boundary"],
        "primary_data_share_percent": footprint["primary_data_share_percent"],
        "primary_activity_share_percent": footprint["primary_activity_share_percent"],
        "engines": {
            name: engines[name] for name in ("brightway", "greenchain", "relative_difference")
        },
        "declarations": list(outcome.declarations),
        "footprint_id": footprint["id"],
        "superseded_footprint_id": outcome.superseded["id"],
        "record_id": outcome.record["record_id"],
        "record_status": outcome.record["state"],
        "record_flags": outcome.record["flags"],
        "events": [
            {
                "topic": event.topic,
                "partition": event.partition,
                "offset": event.offset,
                "type": event.type,
                "id": event.id,
            }
            for event in outcome.events
        ],
        "verified": outcome.verified,
        "database": outcome.database,
        "event_log": outcome.event_log,
        "elapsed_s": round(elapsed_s, 3),
    }


def write_summary(directory: Path, content: dict[str, Any]) -> Path:
    """Write the summary, whole or not at all."""
    path = directory / FILE_NAME
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2, allow_nan=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return draft.replace(path)
