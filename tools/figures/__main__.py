"""Write all figures anew and name the files that changed.

Usage: python -m tools.figures [--print]
"""

import subprocess
import sys

from tools.figures import (
    data_page,
    demonstration,
    inventory_examples,
    inventory_page,
    page_tables,
    printed,
)
from tools.figures.files import ROOT, write

RECORDS = "services/footprint/tools/derive_supplier_records.py"


def main(arguments: list[str]) -> int:
    """Write all that follows from the dataset; `--print`: only print the tables of docs/data.md."""
    if arguments == ["--print"]:
        print(data_page.marked_tables())
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    subprocess.run([sys.executable, RECORDS], cwd=ROOT, check=True)
    # In this order: each step reads what the ones before have written.
    for step in (
        inventory_examples,
        inventory_page,
        demonstration,
        data_page,
        page_tables,
        printed,
    ):
        for name, text in step.texts():
            if write(name, text):
                print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
