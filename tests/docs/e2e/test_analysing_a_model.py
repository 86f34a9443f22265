"""The page on analysing a model: its blocks run as they stand and print what it shows."""

from pathlib import Path

from tests.docs.e2e.guide import bash, plain_environment
from tests.docs.markdown import blocks, document

_END = "=== end of a block"


def steps() -> list[tuple[str, list[str]]]:
    """Return each block of the page that is run, with what it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(document("docs/analysing-a-model.md")):
        if block.language == "sh":
            found.append((block.text, []))
        elif block.language == "text":
            found[-1][1].append(block.text)
    return found


def test_each_block_does_what_the_page_shows(folder: Path) -> None:
    script = "".join(f"{commands}echo '{_END}'\n" for commands, _ in steps())
    printed = bash(script, folder, plain_environment()).split(_END)
    for told, (commands, shown) in zip(printed, steps(), strict=False):
        for text in shown:
            assert text in told, commands
    # The header, and a line for each sample.
    assert (folder / "scores.csv").read_text(encoding="utf-8").count("\n") == 1 + 10_000


def test_every_command_of_the_page_is_shown_to_print_something() -> None:
    kinds = ("calculate", "traverse", "montecarlo", "compare", "sensitivity", "scenarios")
    with_output = "".join(commands for commands, shown in steps() if shown)
    assert all(f"greenchain footprint {kind} " in with_output for kind in kinds)
