"""The table of what flows of the dataset are called elsewhere."""

import csv
import io
from functools import cache
from importlib import resources

from footprint.data.shipped import load_dataset
from footprint.domain.background_flows import FlowMatcher, FlowName


@cache
def load_flow_matcher() -> FlowMatcher:
    """Return what finds the flows of the shipped dataset."""
    return FlowMatcher(load_flow_names(), load_dataset().flows)


def load_flow_names() -> tuple[FlowName, ...]:
    """Return the rows of `flow_names.csv`."""
    file = resources.files("footprint.data").joinpath("flow_names.csv")
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    return tuple(
        FlowName(row["flow_id"], row["name"], row["compartment"], row["cas"]) for row in rows
    )
