"""Reads the project's Markdown: links, code, tables and the marks that say how to check them.

A block or table may carry a mark on the line before it, invisible to readers::

    <!-- check: units -->
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "services/*/src/**/*.md")
    for path in ROOT.glob(pattern)
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str


def read(path: Path) -> str:
    """Return the text of a document."""
    return path.read_text(encoding="utf-8")


def document(name: str) -> str:
    """Return the text of a document by its path from the root."""
    return read(ROOT / name)


def name_of(path: Path) -> str:
    """Return a document's path from the root, as the tests are called."""
    return str(path.relative_to(ROOT))


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks."""
    return [Block(match[1], match[2]) for match in _FENCE.finditer(text)]


def prose(text: str) -> str:
    """Return the text without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """Return what stands between single backticks, outside fenced blocks."""
    return _SPAN.findall(prose(text))


def code(text: str) -> Iterator[str]:
    """Yield every piece of code that a reader might type, one line each."""
    yield from spans(text)
    for block in blocks(text):
        if block.language in ("sh", "bash", ""):
            yield from re.sub(r"\\\n\s*", "", block.text).splitlines()


def links(text: str) -> list[str]:
    """Return the targets of the links."""
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """Return the fragments that GitHub makes of the headings."""
    found = set()
    for heading in _HEADING.findall(prose(text)):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def marked_block(text: str, mark: str) -> str:
    """Return the fenced block that follows a mark."""
    return _FENCE.search(text, _after(text, mark))[2]  # type: ignore[index]


def marked_tables(text: str, mark: str) -> list[tuple[str, list[list[str]]]]:
    """Return the tables that follow a mark, each with the rest of the mark and its rows."""
    found = []
    for match in re.finditer(rf"<!-- {mark}(.*?)-->\n", text):
        found.append((match[1].strip(), _rows(text[match.end() :])))
    return found


def marked_table(text: str, mark: str) -> list[list[str]]:
    """Return the rows of the one table that follows a mark, without its header."""
    ((_, rows),) = marked_tables(text, mark)
    return rows


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield the header and the rows of every table."""
    for match in re.finditer(r"(?:^\|.*\n)+", prose(text), re.MULTILINE):
        lines = match[0].splitlines()
        yield _cells(lines[0]), _rows(match[0])


def _after(text: str, mark: str) -> int:
    return text.index(f"<!-- {mark} -->")


def _rows(text: str) -> list[list[str]]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("|"):
            break
        lines.append(line)
    return [_cells(line) for line in lines[2:]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
