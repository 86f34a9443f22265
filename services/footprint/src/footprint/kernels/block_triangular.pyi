import numpy as np
from numpy.typing import NDArray

def solve_blocks(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    values: NDArray[np.float64],
    block_ptr: NDArray[np.int64],
    first: int,
    last: int,
    factor_ptr: NDArray[np.int64],
    factors: NDArray[np.float64],
    pivots: NDArray[np.int64],
    scale: NDArray[np.float64],
    solution: NDArray[np.float64],
    transposed: bool,
) -> None: ...
