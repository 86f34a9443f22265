"""The checks of the contracts see what they are there to see."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUF = Path(sys.executable).parent / "buf"
SUPPLIER = Path("proto/greenchain/supplier/v1/supplier.proto")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    return tmp_path


def run(tree: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def breaking(tree: Path) -> subprocess.CompletedProcess[str]:
    return run(tree, BUF, "breaking", "proto", "--against", ROOT / "proto/baseline.binpb")


def replace_first(path: Path, pattern: str, replacement: str) -> None:
    changed, count = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1, f"{path} has nothing like {pattern}"
    path.write_text(changed)


def test_the_contracts_do_not_break_the_baseline(tree: Path) -> None:
    assert breaking(tree).stdout == ""


@pytest.mark.parametrize(
    ("pattern", "replacement", "reported"),
    [
        (r"^  rpc \w+\([^;]*;\n", "", "Previously present RPC"),
        (r"^  string \w+ = \d+;\n", "", "Previously present field"),
        (r"^  string (\w+ = 1;)", r"  bytes \1", "changed type"),
        (r"^  string (\w+) = 1;", r"  string \1_renamed = 1;", "changed name"),
    ],
    ids=["removed call", "removed field", "changed type", "renamed field"],
)
def test_a_breaking_change_is_reported(
    tree: Path, pattern: str, replacement: str, reported: str
) -> None:
    replace_first(tree / SUPPLIER, pattern, replacement)
    result = breaking(tree)
    assert result.returncode != 0
    assert reported in result.stdout


def test_a_compatible_change_is_not_reported(tree: Path) -> None:
    with (tree / SUPPLIER).open("a") as source:
        source.write("\n// A later message.\nmessage Later {\n  // One.\n  string id = 1;\n}\n")
    assert breaking(tree).stdout == ""


def test_a_message_without_a_comment_is_reported(tree: Path) -> None:
    with (tree / SUPPLIER).open("a") as source:
        source.write("\nmessage Undocumented {}\n")
    assert 'Message "Undocumented" should have a non-empty comment' in (
        run(tree, BUF, "lint", "proto").stdout
    )


def test_stale_generated_code_is_reported(tree: Path) -> None:
    shutil.copytree(ROOT / "tools", tree / "tools")
    with (tree / SUPPLIER).open("a") as source:
        source.write("\n// A later message.\nmessage Later {}\n")
    result = run(tree, sys.executable, "-m", "tools.generate_proto", "--check")
    assert result.returncode == 1
    assert "proto/generated/greenchain/supplier/v1/supplier_pb2.py is not what" in result.stdout


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"^asyncapi: .*$", "asyncapi: 9.9.9"),
        (r"^    address: .*$", "    place: supplier.calculation"),
        (r"\$ref: '#/components/messages/\w+'", "$ref: '#/components/messages/Nowhere'"),
    ],
    ids=["unknown version", "unknown key", "broken reference"],
)
def test_an_invalid_asyncapi_document_is_reported(
    tree: Path, pattern: str, replacement: str
) -> None:
    document = tree / "proto/asyncapi.yaml"
    replace_first(document, pattern, replacement)
    result = run(ROOT, "node", "tools/validate_asyncapi.mjs", document)
    assert result.returncode == 1
    assert ": invalid" in result.stdout


@pytest.mark.needs("node")
def test_the_asyncapi_document_is_valid() -> None:
    result = run(ROOT, "node", "tools/validate_asyncapi.mjs", "proto/asyncapi.yaml")
    assert result.returncode == 0, result.stdout
