"""Work for the process of analyses: found there by name, so each is a function of this module."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footprint.application.analysis_ports import Progress
from footprint.domain.analysis_errors import SingularModel


def obedient(
    kind: str,
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Do what the model says: ``do`` one of the things below."""
    assert progress is not None
    match model["do"]:
        case "answer":
            progress(10, 10)
            return {"kind": kind, "options": dict(options)}
        case "tell who":
            return {"pid": os.getpid()}
        case "count":
            # Leaves its number where a test finds it, and never ends.
            Path(model["file"]).write_text(str(os.getpid()), encoding="utf-8")
            for done in range(10_000):
                progress(done, 10_000)
                time.sleep(0.01)
        case "work without a word":
            time.sleep(3600)
        case "take memory":
            return {"size": len(bytearray(2**31))}
        case "tell environment":
            environment = Path("/proc/self/environ").read_bytes().split(b"\0")
            return {"names": [each.split(b"=")[0].decode() for each in environment]}
        case "refuse":
            raise SingularModel("it is a test", "这是测试", ("a",))
        case "break":
            raise ZeroDivisionError("nobody foresaw this")
        case "die":
            os._exit(1)
        case "tell much":
            return {"text": "x" * 2000}
    raise AssertionError(model)


def slow(
    kind: str,
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Take an hour."""
    assert progress is not None
    for done in range(36_000):
        progress(done, 36_000)
        time.sleep(0.1)
    return {}
