"""A place survives the way through a gRPC status."""

import pytest

from chassis.errors import Location
from chassis.rpc_status import _field, _location


@pytest.mark.parametrize(
    "location",
    [
        Location("amount", row=4, id="lfp.04"),
        Location("region", row=2, table="sites"),
        Location("name", table="header"),
        Location("", row=3, id="a.b", table="lines"),
    ],
)
def test_a_place_arrives_as_it_was(location: Location) -> None:
    assert _location(_field(location)) == location
