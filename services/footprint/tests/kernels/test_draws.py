import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from services.footprint.tests.kernels import twins

from footprint.kernels.instruction_sets import INSTRUCTION_SETS, kernel

Floats = NDArray[np.float64]

#: (kind, first, second, third); a triangular or uniform amount may begin at its larger end.
amount = st.one_of(
    st.tuples(st.just(0), st.floats(-1e9, 1e9), st.just(0.0), st.just(0.0)),
    st.tuples(st.just(1), st.floats(-1e9, 1e9), st.floats(0.0, 2.0), st.just(0.0)),
    st.tuples(st.just(2), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.just(0.0)),
    st.tuples(st.just(3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.just(0.0)),
    st.tuples(st.just(4), st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(0, 1e3)).map(
        lambda t: (4, t[1], t[1] + t[2], t[1] + t[2] + t[3])
    ),
    st.tuples(st.just(4), st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(0, 1e3)).map(
        lambda t: (4, t[1], t[1] - t[2], t[1] - t[2] - t[3])
    ),
)


def drawn(
    rows: list[tuple[int, float, float, float]],
    identity: list[int],
    *,
    seed: int = 1,
    stream: int = 0,
    first_block: int = 0,
    blocks: int = 1,
    given: list[int] | None = None,
    table: Floats | None = None,
    instruction_set: str = "baseline",
) -> Floats:
    out = np.full((len(rows), 8 * blocks), np.nan)
    kernel("draws", instruction_set).draw_amounts(
        np.array([row[0] for row in rows], dtype=np.int32),
        *(np.array([row[k] for row in rows], dtype=np.float64) for k in (1, 2, 3)),
        np.array(identity, dtype=np.uint32),
        np.array([-1] * len(rows) if given is None else given, dtype=np.int32),
        np.zeros((blocks, 0, 8)) if table is None else table,
        seed,
        stream,
        first_block,
        out,
    )
    return out


def test_philox_gives_the_known_answers() -> None:
    # Random123 1.14, tests/kat_vectors: philox4x32 10.
    counter = np.array(
        [[0] * 4, [0xFFFFFFFF] * 4, [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]]
    )
    keys = [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0xA4093822, 0x299F31D0)]
    words = [twins.philox(counter[i], keys[i]) for i in range(3)]
    assert [[f"{int(word):08x}" for word in each] for each in words] == [
        ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"],
        ["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"],
        ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"],
    ]


@pytest.mark.parametrize("instruction_set", INSTRUCTION_SETS)
@given(
    rows=st.lists(amount, min_size=1, max_size=140),
    seed=st.integers(0, 2**64 - 1),
    stream=st.integers(0, 255),
    first_block=st.integers(0, 2**40),
    start=st.integers(0, 2**32 - 141),
)
def test_the_kernel_draws_what_its_numpy_twin_draws(
    instruction_set: str,
    rows: list[tuple[int, float, float, float]],
    seed: int,
    stream: int,
    first_block: int,
    start: int,
) -> None:
    identity = list(range(start, start + len(rows)))
    found = drawn(
        rows,
        identity,
        seed=seed,
        stream=stream,
        first_block=first_block,
        blocks=2,
        instruction_set=instruction_set,
    )
    kinds = np.array([row[0] for row in rows], dtype=np.int32)
    first, second, third = np.array([row[1:] for row in rows]).T
    samples = np.arange(8 * first_block, 8 * first_block + 16)
    expected = twins.draw_amounts(
        kinds, first, second, third, np.array(identity), seed, stream, samples
    )
    scale = np.array([max(abs(value) for value in row[1:]) for row in rows])[:, None]
    np.testing.assert_array_less(
        np.abs(found - expected), 1e-13 * np.maximum(scale, np.abs(expected)) + 1e-300
    )


def test_a_draw_does_not_depend_on_what_is_drawn_beside_it() -> None:
    rows = [(1, 1.0, 0.2, 0.0)] * 200
    together = drawn(rows, list(range(200)), blocks=3)
    alone = drawn(rows[:1], [117], first_block=2)
    assert (together[117, 16:] == alone[0]).all()


def test_other_seeds_streams_and_identities_draw_other_amounts() -> None:
    row = [(2, 0.0, 1.0, 0.0)]
    draws = [
        drawn(row, [5], seed=1),
        drawn(row, [5], seed=2),
        drawn(row, [5], seed=1 + 2**32),
        drawn(row, [5], stream=1),
        drawn(row, [6]),
        drawn(row, [5], first_block=1),
        drawn(row, [5], first_block=2**33),
    ]
    assert len(np.unique(np.concatenate(draws))) == 56


def test_a_drawn_amount_is_multiplied_by_its_given_value() -> None:
    rows = [(1, 1.0, 0.3, 0.0), (0, 2.0, 0.0, 0.0)]
    table = np.arange(16.0).reshape(1, 2, 8)
    plain = drawn(rows, [0, 1])
    assert (drawn(rows, [0, 1], given=[1, 0], table=table) == plain * table[0, ::-1]).all()


@pytest.mark.parametrize(
    "wrong", [{"given": [1]}, {"given": [-2]}, {"stream": 256}, {"first_block": -1}]
)
def test_what_does_not_belong_together_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"given|block|stream"):
        drawn([(0, 1.0, 0.0, 0.0)], [0], table=np.zeros((1, 1, 8)), **wrong)  # type: ignore[arg-type]


def test_a_table_of_other_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="table"):
        drawn([(0, 1.0, 0.0, 0.0)], [0], table=np.zeros((2, 1, 8)))


def test_an_instruction_set_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="avx1024"):
        kernel("draws", "avx1024")
