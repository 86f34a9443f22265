"""The story as it is printed."""

import io

import pytest
from rich.console import Console

from greenchain_cli.bars import Bar, bar_table
from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.demo.waiting import until
from greenchain_cli.errors import TimedOut


def plain() -> tuple[Narrator, io.StringIO]:
    printed = io.StringIO()
    console = Console(file=printed, width=100, highlight=False)
    return Narrator(console, console), printed


def test_the_largest_part_has_the_longest_bar() -> None:
    narrator, printed = plain()

    narrator.bars("by stage", [Bar("half", 1.0), Bar("whole", 2.0)], whole=3.0)

    half, whole = (line.count("█") for line in printed.getvalue().splitlines() if "█" in line)
    assert (half, whole) == (12, 24)


def test_shares_are_of_the_whole() -> None:
    narrator, printed = plain()

    narrator.bars("by stage", [Bar("a", 1.0)], whole=4.0)

    assert "25.0 %" in printed.getvalue()


def test_parts_of_nothing_have_no_bar() -> None:
    narrator, printed = plain()

    narrator.bars("by stage", [Bar("a", 0.0)], whole=0.0)

    assert "█" not in printed.getvalue()


def test_a_narrow_window_leaves_labels_whole() -> None:
    bars = [Bar(f"Electricity, national average {name}", 1.0) for name in ("CN-JX", "CN-SC")]
    printed = io.StringIO()

    Console(file=printed, width=40).print(bar_table(bars, 2.0, width=40))

    said = printed.getvalue()
    assert "CN-JX" in said
    assert "CN-SC" in said
    assert "…" not in said
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 40


def test_a_pipe_gets_a_sentence_on_one_line() -> None:
    narrator, printed = plain()

    narrator.tell("cathode-maker", "declares " + "many " * 40 + "records.")

    assert len(printed.getvalue().splitlines()) == 1


def test_without_a_terminal_progress_is_one_plain_line() -> None:
    narrator, printed = plain()

    with narrator.doing("waiting"):
        pass

    assert printed.getvalue() == "… waiting\n"


def test_a_wait_in_vain_says_what_was_awaited() -> None:
    with pytest.raises(TimedOut) as raised:
        until(lambda: None, "the record's flag", "记录标记", deadline_s=0.0)

    assert "the record's flag" in raised.value.message("en")
    assert "记录标记" in raised.value.message("zh")


def test_a_wait_ends_with_what_was_seen() -> None:
    answers = iter([None, None, "seen"])

    assert until(lambda: next(answers), "x", "x", interval_s=0.0) == "seen"
