"""Words and figures that the views of all analyses share."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from greenchain_cli import output
from greenchain_cli.charts import picture_width, quantity
from greenchain_cli.language import current, say
from greenchain_cli.output import print_line

_BLOCKS = "[▁▂▃▄▅▆▇█▌▐▏]+"


def name(of: Any) -> str:
    """Name something by what the model calls it, else by its id; nodes have numbers for ids."""
    called: str = of["name"][current()]
    return called or of.get("activity") or of.get("flow") or of["id"]


def name_and_id(of: Any) -> str:
    """Name something with the id by which options ask for it."""
    called = of["name"][current()]
    return f"{called} ({of['id']})" if called else of["id"]


def demand(of: Any) -> str:
    """Say what is asked for, e.g. ``1 kWh electricity``."""
    return f"{of['amount']:g} {of['unit']} {of['product']}"


def scenario(id_: str | None) -> str:
    """Name a scenario; without one the model is taken as it stands."""
    return id_ or say("none: the model as it stands", "无（模型原样）")


def share(part: float | None) -> str:
    """Write a share [-] in percent; there is none of a score of zero."""
    return "–" if part is None else f"{part * 100:.1f} %"


def interval(low: float, high: float) -> str:
    """Write the ends of an interval."""
    return f"{quantity(low)} … {quantity(high)}"


def title(text: str) -> None:
    """Open a part of what is shown."""
    print_line("")
    print_line(text, style="bold")


def width() -> int:
    """Return how wide pictures are on this console [cells]."""
    return picture_width(output.console().width)


def picture(lines: Iterable[str]) -> None:
    """Print a picture; colour adds nothing that its characters do not say."""
    for line in lines:
        text = Text(line)
        text.highlight_regex(_BLOCKS, "green")
        output.console().print(text, soft_wrap=True)


def most(parts: Sequence[Any], shown: int) -> tuple[Sequence[Any], Sequence[Any]]:
    """Divide a list into what is shown and what is summed up; one is never summed up alone."""
    return (parts, ()) if len(parts) <= shown + 1 else (parts[:shown], parts[shown:])
