"""Analyses a model in this process, with a progress bar.

No server and no identity is needed; nothing is stored.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from greenchain_cli.commands.options import DEFAULT_METHOD
from greenchain_cli.language import say
from greenchain_cli.output import progress

#: Takes samples done and samples in all.
Progress = Callable[[int, int], None]


def analyse(kind: str, model: str, backgrounds: Sequence[Path] = (), **options: Any) -> Any:
    """Compute an analysis of a model.

    Parameters
    ----------
    kind
        Which analysis, by the name of its command.
    model
        A model file, the folder of a product model, or the name of a template.
    backgrounds
        Files of backgrounds that the product model buys from.
    options
        By their names in docs/analyses.md; what is None or False is left to its default.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the model and the options, each with its place.
    """
    from chassis.errors import InvalidInput
    from footprint.bootstrap import run_analysis
    from greenchain_cli.model_file import as_given, is_product, read_model

    document = read_model(model, backgrounds)
    if is_product(model) and not options.get("methods"):
        # A dataset has a score of methods; who asks for none wants the headline.
        options["methods"] = [DEFAULT_METHOD]
    given = {
        name: value for name, value in options.items() if value is not None and value is not False
    }
    try:
        with _bar() as told:
            return run_analysis(kind, document, given, progress=told)
    except InvalidInput as invalid:
        raise as_given(invalid, model) from None


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """Show how many samples are done while the block runs; nothing where nobody watches."""
    console = progress()
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    described, counted = TextColumn("{task.description}"), TextColumn("{task.fields[counted]}")
    columns = (described, BarColumn(), counted, TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as shown:
        # Where nothing is sampled, nothing is counted.
        task = shown.add_task(say("computing", "计算中"), total=None, counted="")
        yield lambda done, total: shown.update(
            task, completed=done, total=total, counted=f"{done}/{total}"
        )
