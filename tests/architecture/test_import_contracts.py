"""Plant every import that the architecture forbids and see each one caught by the real settings."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AREAS = ("deploy", "libs", "services")
PACKAGES = sorted(
    path
    for path in [
        *(found for area in AREAS for found in ROOT.glob(f"{area}/*/src/*")),
        ROOT / "proto/generated/greenchain",
    ]
    if (path / "__init__.py").is_file()
)
SERVICES = ("certification", "footprint", "supplier")
OUTSIDE_A_PURE_LAYER = (
    "alembic",
    "bw2calc",
    "bw_processing",
    "chassis.database",
    "chassis.rpc",
    "chassis.unit_of_work",
    "chassis.web",
    "fastapi",
    "google.protobuf",
    "greenchain.common.v1.common_pb2",
    "grpc",
    "httpx",
    "kafka",
    "numpy",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
)

BETWEEN_SERVICES = "Only the command and the embedded shape see several services"
SERVING = "Who serves a service"
LAYERS = "Inside a service: entrypoints, adapters, application, domain"
FOOTPRINT_LAYERS = "Inside footprint: the same layers"
DOMAIN = "The domain imports"
APPLICATION = "The application imports"
PURE_CHASSIS = "The pure part of the chassis"
ENGINE = "The engine imports"
KERNELS = "The kernels import"
BRIGHTWAY = "Only the Brightway adapter"
KAFKA = "Only the Kafka event log"


@dataclass(frozen=True, slots=True)
class Planted:
    """A forbidden import: the package that gets it, what it imports, the contract it breaks."""

    package: str
    imported: str
    contract: str

    def __str__(self) -> str:
        return f"{self.package} -> {self.imported}"

    @property
    def importer(self) -> str:
        """The planted module, one for each import."""
        return f"{self.package}.planted_{self.imported.replace('.', '_')}"

    def in_report(self) -> str:
        """Return the link as import-linter reports it: packages of others are squashed to one."""
        own = {path.name for path in PACKAGES}
        top = self.imported.partition(".")[0]
        return f"{self.importer} -> {self.imported if top in own else top} "


def forbidden_imports() -> list[Planted]:
    """Return one import for every direction that the contracts close."""
    found: list[Planted] = []

    def plant(contract: str, package: str, *imported: str) -> None:
        found.extend(Planted(package, name, contract) for name in imported)

    for service in SERVICES:
        others = [other for other in SERVICES if other != service]
        layers = FOOTPRINT_LAYERS if service == "footprint" else LAYERS
        above = ["bootstrap", "settings", "entrypoints", "adapters", "application"]
        plant(BETWEEN_SERVICES, f"{service}.adapters", *others)
        plant(BETWEEN_SERVICES, f"{service}.entrypoints", *others)
        plant(BETWEEN_SERVICES, f"{service}.adapters", "greenchain_local", "greenchain_cli")
        plant(BETWEEN_SERVICES, "chassis", service)
        plant(BETWEEN_SERVICES, "chassis.eventlog", service)
        plant(BETWEEN_SERVICES, "events_client", service)
        plant(BETWEEN_SERVICES, "supplier_client", service)
        plant(BETWEEN_SERVICES, "greenchain", service)
        for depth, layer in enumerate([*above[2:], "domain"], start=2):
            plant(layers, f"{service}.{layer}", *(f"{service}.{name}" for name in above[:depth]))
        for layer in (*above[2:], "domain"):
            plant(SERVING, "greenchain_cli", f"{service}.{layer}")
            plant(SERVING, "greenchain_local", f"{service}.{layer}")
        plant(DOMAIN, f"{service}.domain", *OUTSIDE_A_PURE_LAYER, *others)
        plant(APPLICATION, f"{service}.application", *OUTSIDE_A_PURE_LAYER, *others)
        if service != "footprint":
            plant(BRIGHTWAY, f"{service}.adapters", "bw2calc", "bw_processing", "matrix_utils")
        plant(KAFKA, f"{service}.adapters", "kafka")

    for module in ("adapters", "entrypoints", "application", "engine"):
        plant(
            BRIGHTWAY,
            f"footprint.{module}",
            *("bw2calc", "bw2data", "bw2io", "bw_processing", "matrix_utils"),
        )
    for layer in ("domain", "application", "adapters", "entrypoints", "settings", "bootstrap"):
        plant(FOOTPRINT_LAYERS, "footprint.engine", f"footprint.{layer}")
        plant(FOOTPRINT_LAYERS, "footprint.kernels", f"footprint.{layer}")
        plant(ENGINE, "footprint.engine", f"footprint.{layer}")
        plant(KERNELS, "footprint.kernels", f"footprint.{layer}")
    plant(FOOTPRINT_LAYERS, "footprint.domain", "footprint.engine")
    plant(FOOTPRINT_LAYERS, "footprint.data", "footprint.entrypoints", "footprint.adapters")
    plant(FOOTPRINT_LAYERS, "footprint.application", "footprint.data")
    for module in ("data", "engine", "kernels"):
        plant(SERVING, "greenchain_cli", f"footprint.{module}")
    plant(DOMAIN, "footprint.domain", "footprint.kernels.ordering")
    plant(APPLICATION, "footprint.application", "footprint.kernels.ordering")
    plant(FOOTPRINT_LAYERS, "footprint.kernels", "footprint.engine")
    plant(ENGINE, "footprint.engine", "bw2calc", "chassis.errors", "chassis.units", "pint")
    plant(KERNELS, "footprint.kernels", "chassis.errors", "footprint.engine", "scipy")
    plant(BETWEEN_SERVICES, "chassis", "events_client", "supplier_client", "greenchain_local")
    plant(BETWEEN_SERVICES, "greenchain", "chassis")
    plant(BETWEEN_SERVICES, "greenchain_local", "greenchain_cli")
    plant(KAFKA, "chassis", "kafka")
    plant(KAFKA, "chassis.eventlog", "kafka")
    plant(KAFKA, "events_client", "kafka")
    return list(dict.fromkeys(found))


# A pure module of the chassis is a file: what is planted in it is appended to it.
IN_PURE_MODULES = [
    Planted(f"chassis.{module}", imported, PURE_CHASSIS)
    for module in ("canonical", "clock", "errors", "events", "identity", "units")
    for imported in ("fastapi", "sqlmodel", "grpc", "greenchain.common.v1.common_pb2")
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a copy of the tree with the copied, real settings."""
    sources = sorted({path.parent.relative_to(ROOT) for path in PACKAGES})
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=tree,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(tree / source) for source in sources),
            "COLUMNS": "400",
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def copy_tree(target: Path) -> None:
    """Copy the Python sources, the settings and the project's own contract type."""
    shutil.copy(ROOT / "pyproject.toml", target)
    shutil.copytree(ROOT / "tools", target / "tools")
    for package in PACKAGES:
        shutil.copytree(
            package,
            target / package.relative_to(ROOT),
            ignore=lambda directory, names: [
                name
                for name in names
                if name == "__pycache__"
                or not (name.endswith(".py") or (Path(directory) / name).is_dir())
            ],
        )


def sections(report: str) -> dict[str, str]:
    """Split import-linter's report into the text below each broken contract's title."""
    _, _, broken = report.partition("Broken contracts")
    parts = re.split(r"\n([^\n]+)\n-{3,}\n", broken)
    return {title.strip(): text for title, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Plant every forbidden import in one copy of the tree and return the report by contract."""
    tree = tmp_path_factory.mktemp("planted")
    copy_tree(tree)
    directories = {path.name: tree / path.relative_to(ROOT) for path in PACKAGES}
    for planted in forbidden_imports():
        top, *inner = planted.package.split(".")
        module = directories[top].joinpath(*inner) / f"{planted.importer.rpartition('.')[2]}.py"
        module.write_text(f"from {planted.imported} import anything\n")
    for planted in IN_PURE_MODULES:
        module = directories["chassis"] / f"{planted.package.rpartition('.')[2]}.py"
        with module.open("a") as source:
            source.write(f"import {planted.imported}\n")
    result = lint(tree)
    assert result.returncode == 1, result.stdout + result.stderr
    return sections(result.stdout)


def test_the_tree_itself_keeps_every_contract(tmp_path: Path) -> None:
    copy_tree(tmp_path)
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("planted", forbidden_imports(), ids=str)
def test_a_planted_import_is_reported(planted: Planted, broken: dict[str, str]) -> None:
    report = next(text for title, text in broken.items() if title.startswith(planted.contract))
    assert planted.in_report() in report


@pytest.mark.parametrize("planted", IN_PURE_MODULES, ids=str)
def test_an_import_in_the_pure_chassis_is_reported(
    planted: Planted, broken: dict[str, str]
) -> None:
    report = next(text for title, text in broken.items() if title.startswith(PURE_CHASSIS))
    assert f"{planted.package} -> {planted.imported} " in report


def test_a_package_outside_the_layers_is_reported(tmp_path: Path) -> None:
    copy_tree(tmp_path)
    (tmp_path / "services/supplier/src/supplier/helpers.py").write_text("")
    result = lint(tmp_path)
    assert (
        "- supplier.helpers"
        in sections(result.stdout)[
            next(title for title in sections(result.stdout) if title.startswith(LAYERS))
        ]
    )
