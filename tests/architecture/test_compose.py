"""`deploy/compose.yaml` tells the containers what they read, and lets each do and know little."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.architecture.test_images import of
from tests.docs.markdown import document, marked_table
from tests.docs.test_docs import complaint

ROOT = Path(__file__).parents[2]
DOCKERFILE = document("deploy/docker/Dockerfile")
COMPOSE: Mapping[str, Any] = yaml.safe_load(document("deploy/compose.yaml"))
CONTAINERS: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
SERVICES = ("supplier", "footprint", "certification")
JOBS = {f"{job}-{service}" for job in ("provide", "migrate") for service in SERVICES}
BUILT = sorted(name for name, each in CONTAINERS.items() if "build" in each)
#: What each container may be told of secrets, by the variable of whoever starts it.
SECRETS = {
    "postgres": {"POSTGRES_PASSWORD"},
    **{
        f"provide-{name}": {"POSTGRES_PASSWORD", f"{name.upper()}_OWNER_PASSWORD"}
        | {f"{name.upper()}_PASSWORD"}
        for name in SERVICES
    },
    **{f"migrate-{name}": {f"{name.upper()}_OWNER_PASSWORD"} for name in SERVICES},
    "supplier": {"SUPPLIER_PASSWORD"},
    "footprint": {"FOOTPRINT_PASSWORD", "GREENCHAIN_FOOTPRINT_CLIENT_SECRET"},
    "certification": {
        *("CERTIFICATION_PASSWORD", "GREENCHAIN_CERTIFICATION_CLIENT_SECRET"),
        "GREENCHAIN_CERTIFICATION_SIGNING_KEY",
    },
}

each_container = pytest.mark.parametrize("name", sorted(CONTAINERS))


def environment(name: str) -> Mapping[str, str]:
    found: Mapping[str, str] = CONTAINERS[name].get("environment", {})
    return found


def asked(name: str) -> set[str]:
    """Return the variables that whoever starts a container has to give."""
    return set(re.findall(r"\$\{(\w+)", str(CONTAINERS[name])))


@each_container
def test_every_variable_of_ours_is_a_setting(name: str) -> None:
    rows = marked_table(document("docs/architecture.md"), "check: settings ")
    known = {row[0].strip("`") for row in rows}
    ours = {variable for variable in environment(name) if variable.startswith("GREENCHAIN_")}
    assert ours - known == set()


@each_container
def test_a_container_knows_its_own_secrets_alone(name: str) -> None:
    secret = {each for each in asked(name) if re.search("PASSWORD|SECRET|KEY", each)}
    assert secret == SECRETS.get(name, set())


def test_the_owner_of_a_database_is_told_to_its_migration_alone() -> None:
    told = {
        (name, variable)
        for name in CONTAINERS
        for variable in environment(name)
        if "OWNER_DATABASE_URL" in variable
    }
    assert told == {
        (f"migrate-{name}", f"GREENCHAIN_{name.upper()}_OWNER_DATABASE_URL") for name in SERVICES
    }


def test_nothing_secret_is_written_down_and_what_is_missing_is_named() -> None:
    for name in CONTAINERS:
        for variable, value in environment(name).items():
            if re.search("PASSWORD|SECRET|SIGNING_KEY", variable):
                assert re.fullmatch(r"\$\{\w+(:\?[^}]+)?\}", value), variable
            assert not re.search(r"//\w+:[^$@]+@", value), variable  # a password in an address
    text = document("deploy/compose.yaml")
    named = set(re.findall(r"\$\{(\w+):\?", text))
    assert set(re.findall(r"\$\{(\w+)", text)) == named


@each_container
def test_a_container_has_no_right_that_it_does_not_use(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["read_only"] is (name != "kafka")
    assert not {"cap_add", "privileged", "pid", "ipc", "network_mode", "devices"} & set(container)


@each_container
def test_a_container_that_goes_on_is_asked_for_its_health(name: str) -> None:
    container = CONTAINERS[name]
    if name in JOBS:
        assert "restart" not in container
        return
    assert container["restart"] == "unless-stopped"
    assert "healthcheck" in container or of(container["build"]["target"], "HEALTHCHECK")


@pytest.mark.parametrize("name", BUILT)
def test_an_image_of_ours_is_a_target_of_the_dockerfile(name: str) -> None:
    container = CONTAINERS[name]
    target = container["build"]["target"]
    assert name in (target, f"migrate-{target}")
    assert of(target, "FROM")
    assert container["image"] == f"greenchain-{target}"
    # Of whoever builds: where its package index is.
    assert container["build"]["args"] == re.findall(r"^ARG (PIP_\w+)", DOCKERFILE, re.MULTILINE)
    context = ROOT / "deploy" / container["build"]["context"]
    assert (context / container["build"]["dockerfile"]).is_file()


def test_a_service_waits_for_its_tables_the_broker_and_the_issuer() -> None:
    for name in SERVICES:
        assert {each: how["condition"] for each, how in CONTAINERS[name]["depends_on"].items()} == {
            f"migrate-{name}": "service_completed_successfully",
            "kafka": "service_healthy",
            "issuer": "service_healthy",
        }
        ended = {"condition": "service_completed_successfully"}
        assert CONTAINERS[f"migrate-{name}"]["depends_on"] == {f"provide-{name}": ended}
        healthy = {"condition": "service_healthy"}
        assert CONTAINERS[f"provide-{name}"]["depends_on"] == {"postgres": healthy}


@pytest.mark.parametrize("name", SERVICES)
def test_the_jobs_of_a_service_are_those_of_the_command_and_of_the_script(name: str) -> None:
    migrate = ["greenchain", *CONTAINERS[f"migrate-{name}"]["command"]]
    assert migrate == ["greenchain", name, "migrate"]
    assert complaint(" ".join(migrate)) is None
    provide = CONTAINERS[f"provide-{name}"]
    assert f"--set=service={name}" in provide["command"]
    script = (ROOT / "deploy" / COMPOSE["configs"]["provision.sql"]["file"]).read_text()
    assert {"OWNER_PASSWORD", "SERVICE_PASSWORD"} <= set(environment(f"provide-{name}"))
    assert set(re.findall(r"\\getenv \w+ (\w+)", script)) == {"OWNER_PASSWORD", "SERVICE_PASSWORD"}


def test_ports_are_published_to_this_host_alone() -> None:
    published = {
        name: port for name, container in CONTAINERS.items() for port in container.get("ports", ())
    }
    assert set(published) == {"issuer", *SERVICES}
    for name, port in published.items():
        host, outside, inside = port.split(":")
        assert (host, outside) == ("127.0.0.1", inside)
        assert inside in of(name, "EXPOSE")[0].split()


def test_databases_and_events_are_reached_by_who_uses_them_alone() -> None:
    assert all(COMPOSE["networks"][name]["internal"] for name in ("databases", "events"))
    on = {
        network: {name for name, each in CONTAINERS.items() if network in each["networks"]}
        for network in COMPOSE["networks"]
    }
    assert on == {
        "databases": {"postgres", *JOBS, *SERVICES},
        "events": {"kafka", *SERVICES},
        "services": {"issuer", *SERVICES},
    }
