import numpy as np
from numpy.typing import NDArray

def strongly_connected_components(
    indptr: NDArray[np.int64], indices: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
