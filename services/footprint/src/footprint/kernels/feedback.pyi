import numpy as np
from numpy.typing import NDArray

def least_feedback_order(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    weights: NDArray[np.float64],
    order: NDArray[np.int64],
    block_ptr: NDArray[np.int64],
) -> NDArray[np.int64]: ...
