import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.canonical import NotCanonical, canonical_json, sha256_hex

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_reads_back_to_the_same_value(value: Any) -> None:
    # A float beyond 2^53 is written without a point: read all numbers as JSON numbers (doubles).
    assert json.loads(canonical_json(value), parse_int=float) == value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values))
def test_the_order_of_keys_does_not_change_the_hash(value: dict[str, Any]) -> None:
    assert sha256_hex(dict(reversed(list(value.items())))) == sha256_hex(value)


def test_the_example_of_rfc_8785_gives_its_bytes() -> None:
    # RFC 8785, 3.2.2 and 3.2.3 (numbers and sorting)
    value = {"numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], "literals": [None, True]}
    assert canonical_json(value) == (
        b'{"literals":[null,true],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {1: 2}, "\ud800", b"x", object()])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)
