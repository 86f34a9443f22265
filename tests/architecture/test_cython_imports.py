"""The check that reads what import-linter does not: Cython sources."""

import shutil
from pathlib import Path

import pytest
from tools.cython_imports import imports, violations

ROOT = Path(__file__).parents[2]
KERNELS = Path("services/footprint/src/footprint/kernels")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / KERNELS).mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def modules(source: str) -> list[str]:
    return [found.module for found in imports(source, "footprint.kernels")]


@pytest.mark.parametrize(
    ("statement", "imported"),
    [
        ("import footprint.engine", "footprint.engine"),
        ("import numpy as np, footprint.engine as e", "footprint.engine"),
        ("cimport footprint.engine", "footprint.engine"),
        ("from footprint cimport engine", "footprint.engine"),
        ("from footprint.domain import model", "footprint.domain.model"),
        ("from ..engine import solve", "footprint.engine.solve"),
        ("from .. import engine", "footprint.engine"),
        ("from footprint.engine import (\n    solve,\n)", "footprint.engine.solve"),
        ("from footprint.engine import \\\n    solve", "footprint.engine.solve"),
        ("cdef int x = 1; import chassis.errors", "chassis.errors"),
        ("def late():\n    import scipy.sparse", "scipy.sparse"),
        ("cdef extern from *:\n    pass\nimport bw2calc", "bw2calc"),
        ('include "shared.pxi"', "include"),
    ],
)
@pytest.mark.parametrize("suffix", [".pyx", ".pxd"])
def test_a_planted_import_is_reported(
    tree: Path, statement: str, imported: str, suffix: str
) -> None:
    (tree / KERNELS / f"planted{suffix}").write_text(f"import numpy as np\n{statement}\n")
    reported = [line.rpartition(" (l.")[0] for line in violations(tree)]
    assert f"footprint.kernels.planted -> {imported}" in reported


def test_numpy_the_compiler_and_other_kernels_are_allowed(tree: Path) -> None:
    (tree / KERNELS / "solve.pyx").write_text(
        "import cython\n"
        "import numpy as np\n"
        "cimport numpy as cnp\n"
        "from cython.parallel cimport prange\n"
        "from libc.math cimport exp, sqrt\n"
        "from footprint.kernels.draws cimport draw\n"
        "from . cimport draws\n"
        "from collections.abc import Sequence\n"
    )
    assert list(violations(tree)) == []


def test_a_cython_module_elsewhere_is_reported(tree: Path) -> None:
    elsewhere = tree / "services/supplier/src/supplier/adapters/fast.pyx"
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_text("import numpy\n")
    assert any(line.startswith("supplier.adapters.fast: ") for line in violations(tree))


def test_strings_and_comments_are_not_imports() -> None:
    assert modules('"""\nimport scipy\n"""\n# import pint\nx = "import kafka"\n') == []


def test_a_line_number_survives_strings_of_many_lines(tree: Path) -> None:
    (tree / KERNELS / "planted.pyx").write_text('"""\nOne.\n\nTwo.\n"""\n\nimport scipy\n')
    assert list(violations(tree)) == ["footprint.kernels.planted -> scipy (l.7)"]
