"""The page on the dataset: its blocks run as they stand and print what it shows."""

from pathlib import Path

import pytest
from tests.docs.e2e.guide import bash, plain_environment
from tests.docs.markdown import blocks, document, marked_block

PAGE = "docs/dataset.md"
_END = "=== end of a block"


def steps() -> list[tuple[str, list[str]]]:
    """Return each block of the page that is run, with what it is shown to print."""
    refused = marked_block(document(PAGE), "check: refused")
    found: list[tuple[str, list[str]]] = []
    for block in blocks(document(PAGE)):
        if block.language == "sh":
            ends = " 2>&1 || test $? = 3\n" if block.text == refused else "\n"
            found.append((block.text.rstrip("\n") + ends, []))
        elif block.language == "text":
            found[-1][1].append(block.text.rstrip("\n"))
    return found


@pytest.mark.needs("brightway")
def test_each_block_does_what_the_page_shows(folder: Path) -> None:
    script = "".join(f"{commands}echo '{_END}'\n" for commands, _ in steps())
    settings = plain_environment() | {"XDG_CACHE_HOME": str(folder / "cache")}
    printed = bash(script, folder, settings).split(_END)
    for told, (commands, shown) in zip(printed, steps(), strict=False):
        for text in shown:
            assert text in told, commands
    assert list(folder.glob("releases/greenchain-lci-0.2.1.zip"))
