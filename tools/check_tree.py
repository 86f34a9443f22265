"""Look for what must not be committed: package registries, one machine's paths, unhashed locks.

Whoever installs greenchain chooses the registry, by the configuration of pip, uv and npm.

Usage: python -m tools.check_tree [directory]
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN = {
    "the host of a package registry": re.compile(
        r"(?:files\.pythonhosted|\bpypi)\.org"
        r"|registry\.(?:npmjs|yarnpkg|npmmirror)\.(?:org|com)"
        r"|\b(?:mirrors?|pypi)\.(?:\w+\.)+(?:edu\.cn|com|cn)\b"
        r"|proxy\.golang\.org|repo1?\.maven\.(?:apache\.)?org"
    ),
    "a path of one machine": re.compile(r"(?<![\w.$})~-])/(?:work|root|home/\w+|tmp/bash_jobs)/"),
}
LOCKS = (
    "requirements.lock",
    "requirements-uv.lock",
    "benchmarks/lca_algebraic/requirements.lock",
    "benchmarks/requirements.lock",
    "deploy/docker/requirements.lock",
    "deploy/docker/requirements-build.lock",
)


def committed(root: Path) -> Iterator[Path]:
    """Yield the files that git tracks, relative to the root."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    for name in listing.stdout.decode().split("\0"):
        if name and (root / name).is_file():
            yield Path(name)


def forbidden_text(root: Path) -> Iterator[str]:
    """Yield every line of a committed text that names a registry or a machine's path."""
    for path in committed(root):
        try:
            lines = (root / path).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a binary file
        for number, line in enumerate(lines, start=1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    yield f"{path}:{number}: names {what}"


def unhashed(root: Path) -> Iterator[str]:
    """Yield every requirement of a lock that is not pinned by version and hash alone."""
    for name in LOCKS:
        text = (root / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            requirement = line.partition("#")[0].strip()
            if requirement and "://" in requirement:
                yield f"{name}: an address in '{requirement.split()[0]}'"
            elif requirement and not re.search(r"==\S+.*--hash=sha256:", requirement):
                yield f"{name}: no version or no hash for '{requirement.split()[0]}'"


def addresses_of_npm(root: Path) -> Iterator[str]:
    """Yield every npm package whose lock entry names an address or lacks its integrity."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    for name, entry in lock["packages"].items():
        if "resolved" in entry:
            yield f"package-lock.json: an address for '{name}'"
        if name and "integrity" not in entry:
            yield f"package-lock.json: no integrity for '{name}'"


def main() -> int:
    """Print every finding; exit status 1 when there is one."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    found = [*forbidden_text(root), *unhashed(root), *addresses_of_npm(root)]
    for line in found:
        print(line)
    print(f"committed tree: {len(found)} findings" if found else "committed tree: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
