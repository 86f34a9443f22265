"""The table of settings is that of the code: every variable, with its default."""

import inspect
import re
from functools import cache
from types import ModuleType

import pytest
from pydantic import AliasChoices, BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings
from tests.docs.markdown import ROOT, document, marked_table, read

from certification import settings as certification_settings
from chassis import settings as chassis_settings
from footprint import settings as footprint_settings
from greenchain_cli import main
from greenchain_cli.clients.settings import ClientSettings
from greenchain_cli.errors import EXIT_CODES, ExitCode
from supplier import settings as supplier_settings

MODULES: list[ModuleType] = [
    chassis_settings,
    supplier_settings,
    footprint_settings,
    certification_settings,
]
#: Read by Makefile and tests alone; CONTRIBUTING.md tells of the builds.
OF_THE_BUILD = {"GREENCHAIN_KERNELS_CHECKED"}


SERVICES, CLIENT = "check: settings ", "check: client-settings "
#: Listed for the commands as well, since they read them too: of the state, of the platform.
COMMON = {"GREENCHAIN_STATE_DIR", "GREENCHAIN_EVENT_LOG"}


def variable(prefix: str, name: str, field: FieldInfo) -> str:
    """Return the environment variable of a field."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return next(str(choice) for choice in alias.choices if str(choice).isupper())
    return f"{prefix}{name.upper()}"


def default_text(field: FieldInfo) -> str:
    """Return a default as the table writes it."""
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None or field.default == "" or isinstance(field.default, SecretStr):
        return ""
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return str(field.default)


@cache
def settings_of_the_services() -> dict[str, str]:
    """Return the default of every variable."""
    found = {}
    for module in MODULES:
        for _, cls in inspect.getmembers(module, inspect.isclass):
            prefix = getattr(cls, "model_config", {}).get("env_prefix", "")
            if cls.__module__ != module.__name__ or not issubclass(cls, BaseSettings) or not prefix:
                continue
            for name, field in cls.model_fields.items():
                nested = inspect.isclass(field.annotation) and issubclass(
                    field.annotation, BaseModel
                )
                if not nested:
                    found[variable(prefix, name, field)] = default_text(field)
    return found


def listed(mark: str) -> dict[str, str]:
    """Return the defaults that a table states."""
    name = "docs/guide.md" if mark == CLIENT else "docs/architecture.md"
    rows = marked_table(document(name), mark)
    return {row[0].strip("`"): row[1].strip("`") for row in rows}


def test_every_setting_of_the_services_is_listed_with_its_default() -> None:
    stated = listed(SERVICES)
    assert stated.pop("GREENCHAIN_STATE_DIR") == ".greenchain"
    assert stated == settings_of_the_services()


@cache
def named_in_the_sources() -> frozenset[str]:
    """Return the variables that sources outside the tests name in full."""
    sources = [
        path
        for top in ("libs", "services", "deploy")
        for path in (ROOT / top).glob("**/src/**/*.py")
    ]
    text = "\n".join(read(path) for path in sources)
    return frozenset(re.findall(r"\bGREENCHAIN_(?:[A-Z]+_)*[A-Z]+\b(?!_)", text))


def test_every_variable_that_the_sources_name_is_listed() -> None:
    known = set(listed(SERVICES)) | set(listed(CLIENT))
    assert named_in_the_sources() - known - OF_THE_BUILD == set()


def test_the_client_commands_read_what_is_listed_with_its_default() -> None:
    read: dict[str, str] = {}

    class Environment(dict[str, str]):
        """Notes which variable is read, with its default."""

        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            read[name] = default or ""
            return default

    settings = ClientSettings.of_environment(Environment())
    stated = listed(CLIENT)
    expanded = {
        name: default.replace("$GREENCHAIN_URL", stated["GREENCHAIN_URL"])
        for name, default in stated.items()
    }
    assert {name: expanded[name] for name in expanded.keys() - COMMON} == read
    assert all(expanded[name] == listed(SERVICES)[name] for name in COMMON)
    assert settings.token_url == expanded["GREENCHAIN_TOKEN_URL"]


def test_the_issuer_is_where_services_and_commands_look_for_it() -> None:
    services, commands = listed(SERVICES), listed(CLIENT)
    assert services["GREENCHAIN_TOKEN_URL"] == commands["GREENCHAIN_TOKEN_URL"].replace(
        "$GREENCHAIN_URL", commands["GREENCHAIN_URL"]
    )
    assert services["GREENCHAIN_TOKEN_URL"].startswith(services["GREENCHAIN_ISSUER"])


def test_every_variable_of_the_client_commands_exists() -> None:
    assert set(listed(CLIENT)) - named_in_the_sources() == set()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_variables_named_elsewhere_are_listed(name: str) -> None:
    known = set(listed(SERVICES)) | set(listed(CLIENT))
    assert set(re.findall(r"\bGREENCHAIN_[A-Z_]+\b", document(name))) - known == set()


def test_the_exit_codes_of_an_interrupted_command_are_those_of_the_code() -> None:
    stated = re.search(
        r"Ctrl-C ends a command with (\d+), .* with (\d+),", document("docs/guide.md")
    )
    assert stated is not None
    assert tuple(map(int, stated.groups())) == (main._INTERRUPTED, main._NOBODY_READS)


def test_the_exit_codes_are_those_of_the_code() -> None:
    rows = marked_table(document("docs/guide.md"), "check: exit-codes ")
    stated = {int(row[0]): set(re.findall(r"`(\w+)`", row[2])) for row in rows}
    assert stated == {
        code: {str(kind) for kind, own in EXIT_CODES.items() if own is code} for code in ExitCode
    }
