"""Where this user's caches stand."""

import os
from pathlib import Path


def cache_directory() -> Path:
    """Return where this user's caches stand, as the XDG base directories have it."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: what is no absolute path is not set.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "greenchain" / "datasets"
