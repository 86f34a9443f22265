import numpy as np
from numpy.typing import NDArray

def solve_blocks(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    values: NDArray[np.float64],
    order: NDArray[np.int64],
    block_ptr: NDArray[np.int64],
    first: int,
    last: int,
    right: NDArray[np.float64],
    solution: NDArray[np.float64],
) -> int: ...
