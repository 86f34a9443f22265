"""The methods that bw2io ships offline, read from its files.

bw2io opens projects as soon as it is imported; so its files are read and it never is. It is an
optional extra.
"""

import csv
import io
import json
import zipfile
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from footprint.domain.bundled_method_errors import MethodBundleMissing
from footprint.domain.bundled_methods import BundledFlow, BundledMethod

_PACKAGE = "bw2io"
_ARCHIVE = ("data", "lcia", "lcia_39_ecoinvent.zip")
_CONTENT = "data.json"


def load_bundled_methods() -> tuple[BundledMethod, ...]:
    """Return all methods of the bundle, in its order.

    Raises
    ------
    MethodBundleMissing
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise MethodBundleMissing(_PACKAGE)
    archive = Path(spec.origin).parent.joinpath(*_ARCHIVE)
    if not archive.is_file():
        raise MethodBundleMissing(f"{_PACKAGE} ({archive.name})")
    return _read(archive, f"{_PACKAGE} {version(_PACKAGE)}")


@cache
def load_bundled_flows() -> tuple[BundledFlow, ...]:
    """Return which flow of the bundle each flow of the shipped dataset is."""
    file = resources.files("footprint.data").joinpath("biosphere3_codes.csv")
    return tuple(
        BundledFlow(
            flow_id=row["flow_id"],
            unit=row["unit"],
            code=row["code"],
            name=row["name"],
            categories=row["categories"],
            amount=float(row["bundle_units_per_unit"]),
        )
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    )


@cache
def _read(archive: Path, bundle: str) -> tuple[BundledMethod, ...]:
    with zipfile.ZipFile(archive) as opened:
        methods = json.loads(opened.read(_CONTENT))
    return tuple(
        BundledMethod(
            name=tuple(each["name"]),
            unit=each["unit"],
            factors={row["input"][1]: float(row["amount"]) for row in each["exchanges"]},
            bundle=bundle,
        )
        for each in methods
    )
