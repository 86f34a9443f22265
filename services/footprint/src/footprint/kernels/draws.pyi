import numpy as np
from numpy.typing import NDArray

def draw_amounts(
    kind: NDArray[np.int32],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    third: NDArray[np.float64],
    identity: NDArray[np.uint32],
    given: NDArray[np.int32],
    table: NDArray[np.float64],
    seed: int,
    stream: int,
    first_block: int,
    out: NDArray[np.float64],
) -> None: ...
