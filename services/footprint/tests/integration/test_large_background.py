"""A background as large as ecoinvent, from its tables to what a product buys; nothing is timed."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from services.footprint.tests.made_up_background import (
    ABOUT,
    FLOWS,
    Size,
    make_background,
    write_csv,
)

from footprint.adapters.backgrounds import archives
from footprint.adapters.backgrounds.collected import Cells, Collected
from footprint.adapters.backgrounds.csv_import import read_csv_background
from footprint.adapters.backgrounds.flow_names import load_flow_matcher
from footprint.adapters.backgrounds.writing import write_background
from footprint.data.shipped import load_dataset
from footprint.engine.arrays import Floats

ACTIVITIES, INPUTS = 25_000, 21
#: Rounds of the series below: each shrinks what is left out to 0.8 of it or less.
ROUNDS = 150


def test_a_background_of_25000_activities_gives_the_sum_of_its_rounds_of_supply(
    tmp_path: Path,
) -> None:
    """`s = f + T f + T T f + …`, which no solver is needed for."""
    collected = _without_waste(make_background(Size(ACTIVITIES, INPUTS)))
    exchanges = len(collected.technosphere.row) - ACTIVITIES + len(collected.biosphere.row)
    assert exchanges > 500_000
    tables, folder, unpacked = (tmp_path / name for name in ("tables", "folder", "unpacked"))
    for each in (tables, folder, unpacked):
        each.mkdir()
    write_csv(collected, tables)
    read, _ = read_csv_background(tables)
    write_background(read, ABOUT, load_flow_matcher(), folder)
    archives.pack(folder, tmp_path / "background.zip")
    background = archives.unpack(tmp_path / "background.zip", unpacked, 200_000_000)

    places = list(range(0, ACTIVITIES, ACTIVITIES // 10))
    codes = [collected.activities[place].code for place in places]
    found = background.bought(codes, load_dataset())

    expected = _by_rounds(collected, places)
    for column, activity in enumerate(found.activities):
        co2, ch4, so2 = expected[:3, column]
        wanted = {"co2_fossil": co2, "ch4_fossil": ch4, "so2": so2 / 1e3}
        assert activity.inventory == pytest.approx(wanted, rel=1e-9)


def _without_waste(collected: Collected) -> Collected:
    cells = collected.technosphere
    own = cells.row == cells.column
    technosphere = Cells(cells.row, cells.column, np.where(own, 1.0, -np.abs(cells.amount)))
    return Collected(collected.activities, FLOWS, technosphere, collected.biosphere)


def _by_rounds(collected: Collected, places: list[int]) -> Floats:
    cells, emitted = collected.technosphere, collected.biosphere
    inputs = cells.row != cells.column
    shape = (len(collected.activities), len(collected.activities))
    taken = sparse.csr_array(
        (-cells.amount[inputs], (cells.row[inputs], cells.column[inputs])), shape=shape
    )
    demand = np.zeros((shape[0], len(places)))
    demand[places, range(len(places))] = 1.0
    supply, last = demand.copy(), demand
    for _ in range(ROUNDS):
        last = taken @ last
        supply += last
    assert np.abs(last).max() < 1e-14
    emissions = sparse.csr_array(
        (emitted.amount, (emitted.row, emitted.column)), shape=(len(FLOWS), shape[0])
    )
    return np.asarray(emissions @ supply)
