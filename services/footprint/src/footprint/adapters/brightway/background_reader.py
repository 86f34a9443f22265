"""The process that imports bw2data and bw2io, see `background_import`; a request on its input."""

import json
import sys
from pathlib import Path
from typing import Any

from footprint.adapters.backgrounds.collected import About, Collected
from footprint.adapters.backgrounds.flow_names import load_flow_matcher
from footprint.adapters.backgrounds.writing import write_background
from footprint.domain.background_errors import CannotImport


def main(given: str) -> int:
    """Write what is asked for, or why not."""
    request = json.loads(given)
    folder = Path(request["folder"])
    try:
        collected = _collect(request)
        write_background(collected, About(**request["about"]), load_flow_matcher(), folder)
    except CannotImport as refused:
        told = json.dumps(refused.attributes(), ensure_ascii=False)
        (folder / "refusal.json").write_text(told, encoding="utf-8")
        return 1
    return 0


def _collect(request: dict[str, Any]) -> Collected:
    # Each imports what it needs: EcoSpold2 works without a project.
    if "ecospold2" in request:
        from footprint.adapters.brightway.ecospold2 import read_ecospold2

        return read_ecospold2(Path(request["ecospold2"]))
    from footprint.adapters.brightway.projects import read_project

    return read_project(request["project"], request["database"])


if __name__ == "__main__":
    sys.exit(main(sys.stdin.read()))
