"""Generate the Python package `greenchain` from proto/, with types for messages and stubs.

Usage: python -m tools.generate_proto [--check]

`--check` generates into a temporary directory and names every file that differs from the committed
one; it changes nothing.
"""

import filecmp
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

PROTO = Path("proto")
COMMITTED = PROTO / "generated" / "greenchain"


def generate(target: Path) -> None:
    """Write the package `greenchain` below `target`."""
    scripts = Path(sys.executable).parent
    sources = sorted((PROTO / "greenchain").rglob("*.proto"))
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={PROTO}",
            f"--proto_path={resources.files('grpc_tools') / '_proto'}",
            f"--plugin=protoc-gen-mypy={scripts / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
            f"--python_out={target}",
            f"--mypy_out=quiet:{target}",
            f"--grpc_python_out={target}",
            f"--mypy_grpc_out=quiet:{target}",
            *(str(source) for source in sources),
        ]
    )
    if status != 0:
        sys.exit(status)
    package = target / "greenchain"
    for directory in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (directory / "__init__.py").touch()
    (package / "py.typed").touch()


def files_below(directory: Path) -> set[Path]:
    """Return the generated files below a directory, relative to it."""
    return {
        path.relative_to(directory)
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def main() -> int:
    """Generate, or compare with what is committed."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh = Path(scratch) / "greenchain"
        if "--check" not in sys.argv:
            shutil.rmtree(COMMITTED, ignore_errors=True)
            shutil.copytree(fresh, COMMITTED)
            return 0
        names = files_below(fresh) | files_below(COMMITTED)
        stale = [
            name
            for name in sorted(names)
            if not (COMMITTED / name).exists()
            or not (fresh / name).exists()
            or not filecmp.cmp(fresh / name, COMMITTED / name, shallow=False)
        ]
    for name in stale:
        print(f"{COMMITTED / name} is not what proto/ generates: run `make proto` and commit")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
