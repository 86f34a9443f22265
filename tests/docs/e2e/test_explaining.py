"""The page on explanations: its blocks run as they stand and print what it shows."""

import re
from pathlib import Path

from tests.docs.e2e.guide import bash, plain_environment
from tests.docs.markdown import blocks, document

_END = "=== end of a block"


def test_each_block_does_what_the_page_shows(folder: Path) -> None:
    found = [block for block in blocks(document("docs/explaining.md")) if block.language]
    commands = [block.text for block in found if block.language == "sh"]
    shown = [without_hash(block.text) for block in found if block.language == "text"]
    script = "".join(f"{each}echo '{_END}'\n" for each in commands)
    printed = bash(script, folder, plain_environment()).split(f"{_END}\n")[:-1]
    assert [without_hash(each) for each in printed] == shown


def without_hash(text: str) -> str:
    """Leave out the hash of the dataset: it changes with every comment in the data."""
    return re.sub(r"\([0-9a-f]{12}\)", "()", text)
