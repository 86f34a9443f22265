import numpy as np
from numpy.typing import NDArray

NODE: np.dtype[np.void]

def traverse(
    indptr: NDArray[np.int32] | NDArray[np.int64],
    indices: NDArray[np.int32] | NDArray[np.int64],
    values: NDArray[np.float64],
    maker: NDArray[np.int64],
    scores: NDArray[np.float64],
    intensity: NDArray[np.float64],
    product: int,
    amount: float,
    threshold: float,
    max_nodes: int,
) -> tuple[NDArray[np.void], int, int]: ...
