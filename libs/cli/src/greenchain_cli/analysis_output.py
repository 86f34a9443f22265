"""Where the result of an analysis goes: to a person, to a program, to a table of scores."""

import csv
from pathlib import Path
from typing import Any

from greenchain_cli.output import print_json


def show(found: Any, as_json: bool) -> None:
    """Print a result: the view of its kind, or the whole of it for programs."""
    if as_json:
        print_json(found)
        return
    from greenchain_cli import analysis_views

    analysis_views.show(found)


def write_scores(found: Any, path: Path) -> None:
    """Write the scores of all samples as CSV: one row a sample, one column a method."""
    results = found["results"]
    methods = (f"{of['method']['id']} [{of['method']['unit']}]" for of in results)
    rows = zip(*(of["scores"] for of in results), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", *methods])
        writer.writerows((number, *scores) for number, scores in enumerate(rows))
