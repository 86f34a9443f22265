"""bw2calc as it is measured: import it from here.

`GREENCHAIN_WITHOUT_PARDISO` set: as where pypardiso is not installed, so by SuperLU.
"""

import os
import sys
import warnings
from pathlib import Path

if "GREENCHAIN_WITHOUT_PARDISO" in os.environ:
    sys.modules["pypardiso"] = None  # type: ignore[assignment]
for library in Path(sys.prefix).glob("lib/libmkl_rt*"):
    # Without it, each new solver of pypardiso looks through the whole environment: some 60 ms.
    os.environ.setdefault("PYPARDISO_MKL_RT", str(library))

with warnings.catch_warnings():
    # bw2calc recommends pypardiso; the configurations are those with and without it.
    warnings.filterwarnings("ignore", message=r"\s*It seems like you have an AMD/INTEL")
    import bw2calc as bw2calc

# Said by PartitionedMonteCarloLCA to itself.
warnings.filterwarnings("ignore", message="PARDISO installed; this is a no-op")
