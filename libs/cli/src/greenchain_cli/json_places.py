"""On which line of a JSON file a value stands."""

import json
import re
from collections.abc import Mapping

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a value, of what it should be part of if it is absent.

    Parameters
    ----------
    path
        Like ``activities[3].inputs[1].amount``.
    lines
        From `lines_by_path`.
    """
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path)


def lines_by_path(text: str) -> dict[str, int]:
    """Return the lines, counted from 1, on which the values of a valid JSON text begin.

    That of a member is the line of its name.
    """
    lines: dict[str, int] = {}
    # Of each object or list that is open: its path and the member that is read, by name or number.
    opened: list[tuple[str, str | int | None]] = []
    line, read = 1, 0
    for token in _TOKEN.finditer(text):
        line, read = line + text.count("\n", read, token.start()), token.start()
        word = token[0]
        if word in "}]":
            opened.pop()
        elif word == ",":
            path, member = opened[-1]
            opened[-1] = path, member + 1 if isinstance(member, int) else None
        elif opened and opened[-1][1] is None:
            opened[-1] = opened[-1][0], json.loads(word)
            lines[_path(opened)] = line
        elif word != ":":
            path = _path(opened) if opened else ""
            if path:
                lines.setdefault(path, line)
            if word in "{[":
                opened.append((path, None if word == "{" else 0))
    return lines


def _path(opened: list[tuple[str, str | int | None]]) -> str:
    path, member = opened[-1]
    if isinstance(member, int):
        return f"{path}[{member}]"
    return f"{path}.{member}" if path else str(member)
