"""The check of the committed tree sees what must not be committed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.check_tree import LOCKS, addresses_of_npm, forbidden_text, unhashed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (*LOCKS, "package-lock.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def commit(tree: Path, name: str, text: str) -> None:
    (tree / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "add", name], cwd=tree, check=True)


@pytest.mark.needs("git")
@pytest.mark.parametrize(
    "text",
    [
        # Joined here, so that this file does not name what it plants.
        "see https://" + ".".join(["pypi", "org"]) + "/simple",
        "https://" + ".".join(["files", "pythonhosted", "org"]),
        "registry=https://" + ".".join(["registry", "npmjs", "org"]),
        "index-url = https://" + ".".join(["pypi", "tuna", "tsinghua", "edu", "cn"]),
        "https://" + ".".join(["mirrors", "aliyun", "com"]) + "/pypi",
    ],
)
def test_the_host_of_a_registry_is_reported(tree: Path, text: str) -> None:
    commit(tree, "notes.md", f"first\n{text}\n")
    assert list(forbidden_text(tree)) == ["notes.md:2: names the host of a package registry"]


@pytest.mark.needs("git")
@pytest.mark.parametrize("place", ["work", "root", "home/li"])
def test_a_path_of_one_machine_is_reported(tree: Path, place: str) -> None:
    commit(tree, "notes.md", f"in /{place}/greenchain\n")
    assert list(forbidden_text(tree)) == ["notes.md:1: names a path of one machine"]


@pytest.mark.needs("git")
def test_ordinary_text_is_not_reported(tree: Path) -> None:
    commit(tree, "notes.md", "src/work/x, ../root/y, https://example.org/root/z, 绿链\n")
    assert list(forbidden_text(tree)) == []


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(
    "line", ["idna==3.10", "idna --hash=sha256:00", "idna @ https://example.org/idna.whl"]
)
def test_a_requirement_without_version_or_hash_is_reported(
    tree: Path, lock: str, line: str
) -> None:
    with (tree / lock).open("a") as requirements:
        requirements.write(f"{line}\n")
    assert len(list(unhashed(tree))) == 1


@pytest.mark.parametrize(
    ("key", "value"), [("resolved", "https://example.org/x.tgz"), ("integrity", None)]
)
def test_an_npm_package_with_an_address_or_without_integrity_is_reported(
    tree: Path, key: str, value: str | None
) -> None:
    path = tree / "package-lock.json"
    lock = json.loads(path.read_text())
    entry = lock["packages"]["node_modules/jose"]
    if value is None:
        del entry[key]
    else:
        entry[key] = value
    path.write_text(json.dumps(lock))
    assert len(list(addresses_of_npm(tree))) == 1


def test_the_locks_as_they_stand_are_clean() -> None:
    assert [*unhashed(ROOT), *addresses_of_npm(ROOT)] == []


@pytest.mark.needs("git")
def test_the_tree_as_it_stands_is_clean() -> None:
    assert list(forbidden_text(ROOT)) == []
