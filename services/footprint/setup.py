"""Builds the kernels; everything else about the package stands in pyproject.toml.

``GREENCHAIN_KERNELS_CHECKED=1`` builds them with bounds checks, ``GREENCHAIN_KERNELS_SANITIZED=1``
with sanitizers of addresses and of what C leaves undefined: both for the kernel tests.
"""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("GREENCHAIN_KERNELS_CHECKED") == "1"
SANITIZED = os.environ.get("GREENCHAIN_KERNELS_SANITIZED") == "1"
KERNELS = Path("src/footprint/kernels")
BUILD = Path("build/checked" if CHECKED else "build/sanitized" if SANITIZED else "build/cython")

# sqrt without errno and selects without traps become vector code; NaN and infinity stay what they
# are, which -ffast-math would not grant.
FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math"]
# Python's own flags ask for -fwrapv, under which no overflow would be told.
SANITIZERS = (
    ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-wrapv"]
    if SANITIZED
    else []
)
# Kernels of many samples are built once for each instruction set, and chosen when they are loaded
# (footprint.kernels.instruction_sets).
OF_MANY_SAMPLES = ("draws", "monte_carlo")
INSTRUCTION_SETS = {
    "avx2": ["-mavx2", "-mfma"],
    "avx512": [
        *("-mavx2", "-mfma", "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"),
        "-mprefer-vector-width=512",
    ],
}


def extensions() -> Iterator[Extension]:
    """Give each kernel, and its variants."""
    sources = sorted(KERNELS.glob("*.pyx"))
    for source in sources:
        yield extension(source, [])
    if platform.machine() in ("x86_64", "AMD64"):
        for source in sources:
            if source.stem in OF_MANY_SAMPLES:
                for instruction_set, flags in INSTRUCTION_SETS.items():
                    yield extension(variant(source, instruction_set), flags)


def extension(source: Path, flags: list[str]) -> Extension:
    """Describe how a kernel is compiled."""
    return Extension(
        f"footprint.kernels.{source.stem}",
        [source.as_posix()],
        include_dirs=[KERNELS.as_posix()],
        depends=[(KERNELS / "lanes.h").as_posix()],
        extra_compile_args=[*FLAGS, *flags, *SANITIZERS],
        extra_link_args=SANITIZERS,
    )


def variant(source: Path, instruction_set: str) -> Path:
    """Copy a source to the name of its variant: a module is known by the name of its file."""
    copy = BUILD / f"{source.stem}_{instruction_set}.pyx"
    content = source.read_text(encoding="utf-8")
    if not copy.exists() or copy.read_text(encoding="utf-8") != content:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(content, encoding="utf-8")
    return copy


setup(
    options={"build_ext": {"parallel": str(os.cpu_count() or 1)}},
    ext_modules=cythonize(
        list(extensions()),
        build_dir=BUILD.as_posix(),
        include_path=["src"],
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
    ),
)
