"""The lock file that the running environment was installed from."""

import hashlib
from pathlib import Path

from footprint.domain.product_footprint import Evidence

NOT_AVAILABLE = "not available"


def lock_file_evidence(path: Path | None) -> Evidence:
    """Pin the lock file, or say that it is not at hand: never guess."""
    if path is None:
        return Evidence("lock_file", "requirements.lock", NOT_AVAILABLE, "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Evidence("lock_file", path.name, digest[:12], digest)
