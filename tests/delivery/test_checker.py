"""The checker objects to each way in which delivery can fail, and to nothing else."""

import pytest
from tests.delivery.checker import Fault, Ledger, Version, faults

A1, A2, A3 = (Version("a", number, f"a{number}") for number in (1, 2, 3))
B1 = Version("b", 1, "b1")


@pytest.mark.parametrize(
    ("effects", "found"),
    [
        ([A1, A2, A3, B1], {}),
        ([B1, A1, A2, A3], {}),
        ([A1, A2, B1], {Fault.LOST: [A3]}),
        ([A1, A1, A2, A3, B1], {Fault.TWICE: [A1]}),
        ([A1, A3, A2, B1], {Fault.DISORDERED: [A2]}),
        ([A3, A1, A2, B1], {Fault.DISORDERED: [A1, A2]}),
        ([A1, A2, A3, B1, Version("c", 1, "c1")], {Fault.INVENTED: [Version("c", 1, "c1")]}),
        ([A1, A3, B1, B1], {Fault.LOST: [A2], Fault.TWICE: [B1]}),
        # Done again after a later version: twice, but each for the first time in order.
        ([A1, A2, A3, A1, B1], {Fault.TWICE: [A1]}),
    ],
)
def test_what_is_found(effects: list[Version], found: dict[Fault, list[Version]]) -> None:
    assert faults(Ledger([A1, A2, A3, B1], effects)) == found


def test_two_changes_that_made_the_same_version_are_found() -> None:
    other = Version("a", 2, "a2 by another writer")
    assert faults(Ledger([A1, A2, other, A3], [A1, A2, other, A3])) == {Fault.FORKED: [A2, other]}
