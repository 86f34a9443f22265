"""Hold `.pyx` and `.pxd` files to the allow-lists that import-linter holds Python modules to.

import-linter does not read Cython. This check takes the contracts of type `allowed` from
pyproject.toml and looks at every `import`, `cimport` and `include` of the Cython modules that they
cover; a Cython module that no contract covers is reported too.

Usage: python -m tools.cython_imports [directory]
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from Cython.Build.Dependencies import strip_string_literals

from tools.allowed_imports import is_allowed, is_inside

# What the compiler itself provides, beside Python's own library.
OF_CYTHON = frozenset({"cpython", "cython", "libc", "libcpp", "openmp", "posix"})

# Where the members stand that have sources of their own.
AREAS = ("deploy", "libs", "services")

STATEMENT = re.compile(
    r"^(?:from\s+(?P<source>[\w.]+)\s+c?import\s+\(?(?P<names>[^)]*)\)?"
    r"|c?import\s+(?P<modules>.+)"
    r"|include\s+(?P<include>\S+))"
)


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a Cython file imports."""

    line: int
    module: str


def module_name(path: Path) -> str:
    """Return the dotted name of a file below a `src` directory."""
    parts = path.with_suffix("").parts
    inside = parts[len(parts) - parts[::-1].index("src") :]
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def statements(source: str) -> Iterator[tuple[int, str]]:
    """Yield each simple statement with its line, without comments, strings or line breaks."""
    code, literals = strip_string_literals(source)
    for label, literal in literals.items():  # a label stands for what was a string or a comment
        code = code.replace(f"#{label}", "").replace(label, "\n" * literal.count("\n"))
    joined, first, depth = "", 0, 0
    for number, line in enumerate(code.splitlines(), start=1):
        joined, first = (joined + " " + line, first) if joined else (line, number)
        depth += sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")
        if joined.endswith("\\"):
            joined = joined[:-1]
            continue
        if depth <= 0:
            # `if x: import y` and `a; import y` hide a statement behind another one.
            for part in re.split(r"[;:]", joined):
                yield first, part.strip()
            joined, depth = "", 0


def absolute(name: str, package: str) -> str:
    """Resolve leading dots against the package that the file stands in."""
    tail = name.lstrip(".")
    dots = len(name) - len(tail)
    if dots == 0:
        return name
    parents = package.split(".")
    base = ".".join(parents[: len(parents) - dots + 1])
    return f"{base}.{tail}" if tail else base


def imports(source: str, package: str) -> Iterator[Import]:
    """Yield what a Cython source imports at run time or at compile time."""
    for line, statement in statements(source):
        found = STATEMENT.match(statement)
        if found is None:
            continue
        if found["source"]:
            base = absolute(found["source"], package)
            names = [name.split()[0] for name in found["names"].split(",") if name.strip()]
            for name in names:
                # `from .. import engine` names a module, `from libc.math cimport sin` a function;
                # both stand below the base, which is all that an allow-list asks.
                yield Import(line, base if name == "*" else f"{base}.{name}")
        elif found["modules"]:
            for name in found["modules"].split(","):
                yield Import(line, name.split()[0])
        else:
            yield Import(line, "include")


def violations(root: Path) -> Iterator[str]:
    """Yield one line for each import that no contract allows, in import-linter's form."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    contracts = [
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "allowed"
    ]
    sources = [root.glob(f"{area}/*/src/**/*.p[xy][dx]") for area in AREAS]
    for path in sorted(path for found in sources for path in found):
        module = module_name(path.relative_to(root))
        covering = [
            (package, frozenset(contract["allowed_modules"]) | OF_CYTHON)
            for contract in contracts
            for package in contract["source_modules"]
            if is_inside(module, package)
        ]
        if not covering:
            yield f"{module}: a Cython module outside every package with an allow-list"
        package = module if path.stem == "__init__" else module.rpartition(".")[0]
        for found in imports(path.read_text(encoding="utf-8"), package):
            for source, allowed in covering:
                if not is_inside(found.module, source) and not is_allowed(found.module, allowed):
                    yield f"{module} -> {found.module} (l.{found.line})"


def main() -> int:
    """Print every violation; exit status 1 when there is one."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    found = list(violations(root))
    for line in found:
        print(line)
    print(f"Cython imports: {len(found)} broken" if found else "Cython imports: kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
