import numpy as np
from numpy.typing import NDArray

def instruction_sets() -> tuple[str, ...]: ...

class Drawn:
    stream: int
    size: int
    def __init__(
        self,
        kind: NDArray[np.int32],
        first: NDArray[np.float64],
        second: NDArray[np.float64],
        third: NDArray[np.float64],
        identity: NDArray[np.uint32],
        given: NDArray[np.int32],
        row: NDArray[np.int32],
        other: NDArray[np.int32],
        stream: int,
    ) -> None: ...

class Plan:
    size: int
    flows: int
    methods: int
    tables: int
    outside: int
    pivot_count: int
    room: int
    def __init__(
        self,
        block_ptr: NDArray[np.int64],
        row_ptr: NDArray[np.int64],
        inputs: Drawn,
        pivots: Drawn,
        pivot_of: NDArray[np.int32],
        emissions: Drawn,
        factors: Drawn,
        flows: int,
        methods: int,
        tables: int,
        start: NDArray[np.float64],
        weight: NDArray[np.float64],
        targets: NDArray[np.int32],
        scale: NDArray[np.float64],
        outside: int,
    ) -> None: ...
    def workspace(self) -> NDArray[np.float64]: ...
    def solve(
        self,
        seed: int,
        first_block: int,
        blocks: int,
        table: NDArray[np.float64],
        outside: NDArray[np.float64],
        tolerance: NDArray[np.float64],
        most_sweeps: int,
        workspace: NDArray[np.float64],
        scores: NDArray[np.float64],
        error: NDArray[np.float64],
    ) -> None: ...
