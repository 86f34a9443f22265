"""The broker's jars: fetched once by Maven, held to the hashes that this package lists."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind

PROGRAMS = {"java": "openjdk-17-jre-headless", "mvn": "maven"}
"""What has to be on the machine, and the Debian package that brings it."""
JAVA = 17
"""The oldest Java that runs the broker."""


@dataclass(eq=False)
class ProgramMissing(GreenchainError):
    """Java or Maven is not on the machine."""

    code: ClassVar[str] = "kafka.program.missing"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "The broker needs {program}. Install it: apt-get install {package}."
    zh: ClassVar[str] = "运行 Kafka 需要 {program}。请安装：apt-get install {package}。"

    program: str
    package: str


@dataclass(eq=False)
class JavaTooOld(GreenchainError):
    """The machine's Java does not run this broker."""

    code: ClassVar[str] = "kafka.java.too_old"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "The broker needs Java {wanted} or newer; `java` is version {found}. Install a newer one: "
        "apt-get install {package}."
    )
    zh: ClassVar[str] = (
        "运行 Kafka 需要 Java {wanted} 或更新版本；当前 `java` 的版本为 {found}。"
        "请安装更新的版本：apt-get install {package}。"
    )

    wanted: int
    found: int
    package: str


@dataclass(eq=False)
class JarsNotFetched(GreenchainError):
    """Maven could not bring the jars."""

    code: ClassVar[str] = "kafka.jars.not_fetched"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "Maven could not fetch the broker's jars. Check the network, or name a mirror in "
        "Maven's settings.xml:\n{printed}"
    )
    zh: ClassVar[str] = (
        "Maven 未能获取 Kafka 的 jar 包。"
        "请检查网络，或在 Maven 的 settings.xml 中指定镜像：\n{printed}"
    )

    printed: str


@dataclass(eq=False)
class JarsDiffer(GreenchainError):
    """What Maven brought is not what was pinned."""

    code: ClassVar[str] = "kafka.jars.differ"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "These jars are not the pinned ones: {names}. Remove {directory} and try again; if "
        "pom.xml was changed on purpose, run `python -m greenchain_kafka pin`."
    )
    zh: ClassVar[str] = (
        "以下 jar 包与锁定的哈希不符：{names}。请删除 {directory} 后重试；"
        "若有意修改了 pom.xml，请运行 `python -m greenchain_kafka pin`。"
    )

    names: tuple[str, ...]
    directory: str


def fetched() -> Path:
    """Return the directory of the jars, after fetching what is missing and checking all.

    Raises
    ------
    ProgramMissing, JavaTooOld, JarsNotFetched, JarsDiffer
        If the broker cannot be run from pinned jars.
    """
    check_programs()
    pinned, directory = _pinned(), _cache()
    if not directory.is_dir():
        _fetch(directory)
    found = hashes(directory)
    if found != pinned:
        differing = sorted({name for name, _ in found.items() ^ pinned.items()})
        raise JarsDiffer(names=tuple(differing), directory=str(directory))
    return directory


def pin() -> int:
    """Fetch the jars that pom.xml names and write down their hashes; return how many."""
    directory = _cache()
    shutil.rmtree(directory, ignore_errors=True)
    _fetch(directory)
    found = hashes(directory)
    lines = (f"{digest}  {name}\n" for name, digest in sorted(found.items()))
    Path(str(_resource("jars.sha256"))).write_text("".join(lines), encoding="ascii")
    return len(found)


def hashes(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each jar by its name."""
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in directory.iterdir()}


def check_programs() -> None:
    """Make sure that the machine has what fetches and runs the broker.

    Raises
    ------
    ProgramMissing, JavaTooOld
        If it has not.
    """
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            raise ProgramMissing(program=program, package=package)
    found = _java_version()
    if found < JAVA:
        raise JavaTooOld(wanted=JAVA, found=found, package=PROGRAMS["java"])


def _java_version() -> int:
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    # 17.0.15, or 1.8.0 of an old one.
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match[1]) if match else 0


def _resource(name: str) -> Path:
    return Path(str(resources.files("greenchain_kafka").joinpath(name)))


def _pinned() -> Mapping[str, str]:
    lines = _resource("jars.sha256").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _cache() -> Path:
    """Return where the jars of this pom.xml are kept, for all checkouts of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    version = hashlib.sha256(_resource("pom.xml").read_bytes()).hexdigest()[:12]
    return Path(base) / "greenchain" / f"kafka-{version}"


def _fetch(directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = directory.with_name(f"{directory.name}.{os.getpid()}")
    done = subprocess.run(
        [
            "mvn", "--quiet", "--batch-mode", "--file", str(_resource("pom.xml")),
            "dependency:copy-dependencies", "-DincludeScope=runtime",
            f"-DoutputDirectory={draft}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise JarsNotFetched(printed=(done.stdout + done.stderr).strip())
    try:
        draft.rename(directory)
    except OSError:  # another process was first
        shutil.rmtree(draft)
