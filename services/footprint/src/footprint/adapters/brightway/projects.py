"""Databases of a Brightway project, by bw2data, with the float64 amounts of its exchanges.

Not from its processed arrays, which are float32.
"""

from collections import Counter
from typing import Any

from bw2data import Database, databases, projects

from footprint.adapters.backgrounds.collected import Collected
from footprint.adapters.brightway.linked_databases import EMITTED, GIVEN, TAKEN, Key, collect
from footprint.domain.background_errors import CannotImport

#: Types of nodes that are no processes.
_NO_PROCESS = (
    "product",
    "emission",
    "natural resource",
    "inventory indicator",
    "economic",
    "social",
)


def read_project(project: str, database: str) -> Collected:
    """Read a database with all that it takes from; nothing is written.

    Raises
    ------
    CannotImport
    """
    title = f"{project}/{database}"
    if project not in projects:
        known = ", ".join(sorted(each.name for each in projects))
        raise CannotImport(
            title, f"there is no such project; there are: {known}", f"没有该项目；已有：{known}"
        )
    projects.set_current(project, writable=False, update=False)
    if database not in databases:
        known = ", ".join(sorted(databases))
        raise CannotImport(
            title, f"there is no such database; there are: {known}", f"没有该数据库；已有：{known}"
        )
    loaded, processes = _load(title, database)
    flows = {key: node for key, node in loaded.items() if key not in processes}
    return collect(title, processes, _codes(database, processes), flows)


def _load(title: str, database: str) -> tuple[dict[Key, Any], dict[Key, Any]]:
    """Load a database and those that it rests on; return all nodes, and the processes."""
    loaded: dict[Key, Any] = {}
    processes: dict[Key, Any] = {}
    to_load, names = [database], {database}
    while to_load:
        name = to_load.pop()
        if name not in databases:
            raise CannotImport(title, f"database {name!r} is missing", f"缺少数据库 {name!r}")
        nodes: dict[Key, Any] = Database(name).load()
        loaded |= nodes
        for key, node in nodes.items():
            exchanges = node.get("exchanges") or ()
            if node.get("type", "process") in _NO_PROCESS:
                continue
            processes[key] = node
            for exchange in exchanges:
                if exchange.get("type") in (*GIVEN, *TAKEN, EMITTED):
                    wanted = exchange["input"][0]
                    if wanted not in names:
                        names.add(wanted)
                        to_load.append(wanted)
    return loaded, processes


def _codes(database: str, processes: dict[Key, Any]) -> dict[Key, str]:
    """Call processes by their codes, those of other databases with its name if another has it."""
    count = Counter(code for _, code in processes)
    return {
        (name, code): code if name == database or count[code] == 1 else f"{name}/{code}"
        for name, code in processes
    }
