"""Builds the kernels; everything else about the package stands in pyproject.toml.

``GREENCHAIN_KERNELS_CHECKED=1`` builds them with bounds checks, for the kernel tests.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("GREENCHAIN_KERNELS_CHECKED") == "1"
KERNELS = Path("src/footprint/kernels")

setup(
    ext_modules=cythonize(
        [
            Extension(f"footprint.kernels.{source.stem}", [source.as_posix()])
            for source in sorted(KERNELS.glob("*.pyx"))
        ],
        build_dir="build/checked" if CHECKED else "build/cython",
        # C that was generated with the other directives must not be taken for up to date.
        force=CHECKED,
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            # Never: with it, an index below zero would pass the checked build unseen.
            "wraparound": False,
            "initializedcheck": CHECKED,
            "cdivision": True,
            # They would ask for the very checks to be turned off.
            "show_performance_hints": not CHECKED,
        },
    )
)
