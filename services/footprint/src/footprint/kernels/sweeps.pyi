import numpy as np
from numpy.typing import NDArray

def gauss_seidel(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    values: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    changed_ptr: NDArray[np.int64],
    changed_column: NDArray[np.int64],
    changed_lane: NDArray[np.int64],
    change: NDArray[np.float64],
    right: NDArray[np.float64],
    solution: NDArray[np.float64],
    descending: bool,
    most: int,
    tolerance: float,
) -> int: ...
def residuals(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    values: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    changed_ptr: NDArray[np.int64],
    changed_column: NDArray[np.int64],
    changed_lane: NDArray[np.int64],
    change: NDArray[np.float64],
    touched: NDArray[np.float64],
    right: NDArray[np.float64],
    solution: NDArray[np.float64],
    residual: NDArray[np.float64],
    size: NDArray[np.float64],
) -> None: ...
