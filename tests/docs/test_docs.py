"""What the documents name exists: files, links, targets, commands, settings, words of the code."""

import importlib
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import typer
import yaml
from tests.docs.markdown import (
    DOCUMENTS,
    ROOT,
    anchors,
    code,
    document,
    links,
    marked_table,
    marked_tables,
    name_of,
    read,
    spans,
    tables,
)

TOP_LEVEL = tuple(
    f"{name}/" for name in ("docs", "services", "libs", "proto", "deploy", "tests", "tools", ".ci")
)

#: Documents of formats, each with a list of what is refused.
FORMATS = ["docs/product-model.md", "docs/activity-records.md", "docs/inventory-model.md"]

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)


@every_document
def test_links_lead_to_files_and_headings_that_exist(path: Path) -> None:
    broken = []
    for link in links(read(path)):
        if link.startswith(("http://", "https://")):
            continue
        target, _, fragment = link.partition("#")
        file = (path.parent / target) if target else path
        if not file.exists() or (fragment and fragment not in anchors(read(file))):
            broken.append(link)
    assert broken == []


@every_document
def test_paths_that_are_named_exist(path: Path) -> None:
    named = [span for span in spans(read(path)) if span.startswith(TOP_LEVEL)]
    # `greenchain/…/x.proto` is named as Python code and protobuf import it.
    named += [f"proto/{s}" for s in spans(read(path)) if re.fullmatch(r"greenchain/\S+\.proto", s)]
    assert [span for span in named if not list(ROOT.glob(span.rstrip("/")))] == []


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z0-9-]+):", document("Makefile"), re.MULTILINE))


@every_document
def test_make_targets_that_are_named_exist(path: Path) -> None:
    named = {
        target
        for line in code(read(path))
        for target in re.findall(r"^(?:[A-Z_]+=\S+ )?make ([a-z][a-z0-9-]*)", line)
    }
    assert named - make_targets() == set()


def complaint(line: str) -> str | None:
    """Return what is wrong with a command line of `greenchain`, or None."""
    # Declared with the language of the shell; only names are looked at.
    from greenchain_cli.app import app

    command = typer.main.get_command(app)
    for word in shlex.split(line, comments=True)[1:]:
        subcommands = getattr(command, "commands", {})
        if word.startswith("--"):
            options = {
                option
                for parameter in command.params
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            if word.partition("=")[0] not in options | {"--help", "--lang"}:
                return f"{line}: no option {word}"
        elif word in subcommands:
            command = subcommands[word]
        elif subcommands:
            return f"{line}: no command {word}"
    return None


@every_document
def test_commands_that_are_named_exist(path: Path) -> None:
    pattern = re.compile(r"(?:\$ )?(?:[A-Z_]+=\S+ )*(greenchain (?!\.\.\.|…).*)")
    found = [match[1] for line in code(read(path)) if (match := pattern.fullmatch(line))]
    assert [wrong for line in found if (wrong := complaint(line))] == []


def qualified_python_names() -> list[str]:
    packages = (
        "chassis|footprint|supplier|certification|supplier_client|events_client|greenchain_cli"
    )
    pattern = re.compile(rf"(?:{packages})(?:\.[a-z_0-9]+)+(?:\.[A-Z]\w*)?")
    ours = {span for path in DOCUMENTS for span in spans(read(path)) if pattern.fullmatch(span)}
    return sorted(ours - error_codes() - topics() - short_event_names() - record_claims())


@cache
def record_claims() -> frozenset[str]:
    """Return the claims of a signed record, nested ones with dots: `footprint.id` and so on."""
    rows = marked_table(document("docs/verifying-a-record.md"), "check: record-claims ")
    return frozenset(name for row in rows for name in re.findall(r"`([^`]+)`", row[0]))


@cache
def short_event_names() -> frozenset[str]:
    """Return what prose calls the events: `footprint.flagged` and so on."""
    types = re.findall(r"\bgreenchain\.(\w+\.\w+)\.v\d+", document("proto/asyncapi.yaml"))
    return frozenset(types)


@cache
def topics() -> frozenset[str]:
    specification = yaml.safe_load(document("proto/asyncapi.yaml"))
    addresses = {channel["address"] for channel in specification["channels"].values()}
    dead_letters = {f"{address.partition('.')[0]}.dead-letter" for address in addresses}
    return frozenset(addresses | dead_letters)


@cache
def error_codes() -> frozenset[str]:
    pattern = re.compile(r'\bcode(?:: ClassVar\[str\])? = "([a-z_.]+)"')
    sources = [p for top in ("libs", "services", "deploy") for p in (ROOT / top).glob("**/*.py")]
    return frozenset(found for source in sources for found in pattern.findall(read(source)))


def test_python_names_that_are_named_can_be_imported() -> None:
    missing = []
    for name in qualified_python_names():
        module, _, attribute = name.rpartition(".")
        try:
            if attribute[0].isupper():
                getattr(importlib.import_module(module), attribute)
            else:
                importlib.import_module(name)
        except (ImportError, AttributeError) as error:
            missing.append(f"{name}: {error}")
    assert missing == []


@pytest.mark.parametrize("name", FORMATS)
def test_error_codes_that_are_listed_exist(name: str) -> None:
    listed = {
        row[0].strip("`")
        for header, rows in tables(document(name))
        if header[0] == "code"
        for row in rows
    }
    assert listed
    assert listed - error_codes() == set()


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_of_error_codes_is_complete(name: str) -> None:
    for prefixes, rows in marked_tables(document(name), "check: error-codes "):
        listed = {row[0].strip("`") for row in rows}
        defined = {
            found
            for found in error_codes()
            if found.startswith(tuple(f"{prefix}." for prefix in prefixes.split()))
        }
        assert listed == defined


def test_the_table_of_events_is_that_of_the_specification() -> None:
    specification = yaml.safe_load(document("proto/asyncapi.yaml"))
    messages = specification["components"]["messages"]
    specified = {
        channel["address"]: {messages[title]["name"] for title in channel["messages"]}
        for channel in specification["channels"].values()
    }
    listed = {
        row[0].strip("`"): set(re.findall(r"`([^`]+)`", row[1]))
        for row in marked_table(document("docs/architecture.md"), "check: events ")
    }
    assert listed == specified


def test_the_table_of_calls_names_every_call_of_the_contracts() -> None:
    contracts = "\n".join(read(path) for path in ROOT.glob("proto/greenchain/*/v1/*.proto"))
    rows = marked_table(document("docs/architecture.md"), "check: calls ")
    listed = {
        name.rpartition(".")[2] for row in rows for name in re.findall(r"`([A-Z][\w.]*)`", row[1])
    }
    assert listed == set(re.findall(r"^  rpc (\w+)", contracts, re.MULTILINE))


def test_the_list_of_decisions_names_every_record_by_its_title() -> None:
    records = sorted((ROOT / "docs/adr").glob("0*.md"))
    listed = re.findall(r"^\* \[(\d+)\]\((\S+)\) (.+)$", document("docs/adr/README.md"), re.M)
    titles = [read(path).splitlines()[0].removeprefix("# ") for path in records]
    assert [f"{number} {title}" for number, _, title in listed] == titles
    assert [file for _, file, _ in listed] == [path.name for path in records]


def test_both_readmes_have_the_same_sections_and_name_the_same_things() -> None:
    english, chinese = document("README.md"), document("README.zh-CN.md")
    assert len(anchors(english)) == len(anchors(chinese))
    other = {"README.md", "README.zh-CN.md"}
    assert set(links(english)) - other == set(links(chinese)) - other
    assert set(spans(english)) == set(spans(chinese))
