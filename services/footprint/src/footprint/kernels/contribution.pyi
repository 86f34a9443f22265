import numpy as np
from numpy.typing import NDArray

def contribution(
    intensity: NDArray[np.float64],
    supply: NDArray[np.float64],
    group: NDArray[np.int64],
    groups: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
