"""The main job once more, by hand: every step a command of the user whose it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import PRODUCT, environment, greenchain
from tests.e2e.processes import Server

YEAR = ["--from", "2025-01-01", "--to", "2025-12-31"]
ROLES = {
    "buyer": ("pack-firm", "lead_firm"),
    "export": ("pack-firm", "exporter"),
    "maker": ("cathode-firm", "supplier"),
    "verify": ("verify-firm", "verifier"),
    "body": ("body-firm", "certification_body"),
}


class Users:
    """People at a running platform, each with an identity of their own."""

    def __init__(self, platform: Server, state: Path) -> None:
        self.platform = platform
        self._secrets = {name: self._added(state, name, *ROLES[name]) for name in ROLES}

    def run(self, who: str, *arguments: str, code: int = 0) -> Any:
        """Run a command as somebody; return the JSON that it printed, or what it told."""
        done = greenchain(*arguments, "--json", env=self._environment(who))
        assert done.returncode == code, (arguments, done.stderr)
        return json.loads(done.stdout.splitlines()[-1]) if code == 0 else done.stderr

    def _environment(self, who: str) -> dict[str, str]:
        return environment(
            GREENCHAIN_URL=self.platform.told["http"],
            GREENCHAIN_TARGET=self.platform.told["grpc"],
            GREENCHAIN_EVENT_LOG=f"local:{self.platform.told['state']}/events.db",
            GREENCHAIN_CLIENT_ID=who,
            GREENCHAIN_CLIENT_SECRET=self._secrets[who],
        )

    @staticmethod
    def _added(state: Path, name: str, tenant: str, role: str) -> str:
        arguments = ["issuer", "add", name, "--tenant", tenant, "--role", role]
        done = greenchain(*arguments, "--state", str(state), "--json")
        assert done.returncode == 0, done.stderr
        secret: str = json.loads(done.stdout)["client_secret"]
        return secret


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    state = tmp_path_factory.mktemp("commands")
    arguments = ["up", "--state", str(state), "--http-port", "0", "--grpc-port", "0"]
    with Server(arguments, environment(), state / "up.log") as platform:
        # The platform runs already: the issuer must notice the new identities.
        yield Users(platform, state)


@pytest.fixture(scope="module")
def model(users: Users) -> Any:
    return users.run("export", "footprint", "import", str(PRODUCT))


@pytest.fixture(scope="module")
def request_id(users: Users, model: Any) -> str:
    background = users.run("export", "footprint", "calculate", model["id"], "--no-supplier-data")
    proposed = users.run(
        "export", "footprint", "request", model["id"], "--footprint", background["id"]
    )
    found: str = next(
        row["id"] for row in proposed["data_requests"] if row["activity_id"] == "lfp_cathode"
    )
    users.run("buyer", "supplier", "send", found, "--supplier", "cathode-firm", *YEAR)
    return found


def declare(users: Users, request_id: str, name: str) -> Any:
    # Afresh: a draft that was refused may be open.
    return users.run(
        "maker", "supplier", "declare", str(PRODUCT / "suppliers" / name),
        "--request", request_id, "--plant-name", "plant", "--region", "CN-SC", *YEAR, "--afresh",
    )  # fmt: skip


@pytest.fixture(scope="module")
def frozen(users: Users, model: Any, request_id: str) -> Any:
    declared = declare(users, request_id, "cathode_maker.csv")
    users.run("buyer", "supplier", "accept", declared["id"], "--version", "1")
    footprint = users.run("export", "footprint", "calculate", model["id"])
    return users.run("export", "footprint", "freeze", footprint["id"])


@pytest.fixture(scope="module")
def record_id(users: Users, frozen: Any) -> str:
    parties = ["--verifier", "verify-firm", "--body", "body-firm"]
    application = users.run("export", "certification", "apply", frozen["id"], *parties)
    users.run(
        "verify", "certification", "state", application["id"],
        "--verifier-name", "Verify Ltd", "--lead-verifier", "W. Fang",
        "--objective", "ISO 14067:2018", "--limitations", "no visit",
        "--conclusion", "compliant", "--no-conflict-of-interest",
    )  # fmt: skip
    users.run("body", "certification", "decide", application["id"], "issue", "--reason", "met")
    found: str = application["id"]
    return found


def test_a_supplier_sees_the_request_but_not_its_weight(users: Users, request_id: str) -> None:
    done = users.run("maker", "supplier", "requests", "--received")
    row = next(each for each in done if each["id"] == request_id)
    assert "share_of_footprint_percent" not in row


def test_a_footprint_with_supplier_data_is_frozen(frozen: Any) -> None:
    assert frozen["state"] == "frozen"
    assert [row["activity_id"] for row in frozen["declarations"]] == ["lfp_cathode"]


def test_footprints_are_listed_newest_first(users: Users, frozen: Any) -> None:
    listed = users.run("export", "footprint", "list")["footprints"]
    assert (listed[0]["id"], listed[0]["state"]) == (frozen["id"], "frozen")


def test_a_supplier_sees_what_it_shares_and_takes_it_back(users: Users, frozen: Any) -> None:
    (declared,) = frozen["declarations"]
    of = ["--declaration", declared["id"]]
    grants = users.run("maker", "supplier", "grants", *of)
    assert {each["grantee"] for each in grants} == {"footprint", "pack-firm"}

    given = next(each for each in grants if each["grantee"] == "pack-firm")
    revoked = users.run("maker", "supplier", "revoke", given["id"])
    assert revoked["revoked_at"]
    assert users.run("buyer", "supplier", "granted") == []


def test_the_same_file_again_is_no_correction(users: Users, request_id: str, frozen: Any) -> None:
    told = users.run(
        "maker", "supplier", "declare", str(PRODUCT / "suppliers" / "cathode_maker.csv"),
        "--request", request_id, "--plant-name", "plant", "--region", "CN-SC", *YEAR, "--afresh",
        code=3,
    )  # fmt: skip
    assert "supplier.declaration.unchanged" in told
    footprint = users.run("export", "footprint", "show", frozen["id"])
    assert (footprint["state"], footprint["flags"]) == ("frozen", [])


def test_an_issued_record_is_shown_to_anybody(users: Users, record_id: str) -> None:
    shown = users.run("body", "certification", "show", record_id)
    assert (shown["state"], shown["in_force"]) == ("issued", True)


def test_a_consumer_of_its_own_verifies_the_record(users: Users, record_id: str) -> None:
    seen = users.run(
        "body", "certification", "follow", "--group", "test", "--count", "1", "--verify"
    )
    assert (seen["record_id"], seen["verified"]) == (record_id, True)


def test_a_returned_correction_leaves_the_footprint_as_it_is(
    users: Users, request_id: str, frozen: Any, record_id: str
) -> None:
    corrected = declare(users, request_id, "cathode_maker_corrected.csv")
    returned = users.run(
        "buyer", "supplier", "return", corrected["id"], "--version", "2", "--reason", "meter?"
    )
    footprint = users.run("export", "footprint", "show", frozen["id"])

    assert returned["state"] == "returned"
    assert (footprint["state"], footprint["kg_co2e"]) == ("frozen", frozen["kg_co2e"])


def test_the_body_suspends_a_record(users: Users, record_id: str) -> None:
    changed = users.run(
        "body", "certification", "change", record_id, "suspend", "--reason", "complaint"
    )
    assert changed["state"] == "suspended"


def test_another_firms_footprint_looks_unknown(users: Users, frozen: Any) -> None:
    told = users.run("maker", "footprint", "show", frozen["id"], code=2)
    assert "forbidden" in told


def test_an_unknown_footprint_is_exit_code_4(users: Users) -> None:
    told = users.run("export", "footprint", "show", "unknown", code=4)
    assert "not_found" in told


def test_every_bad_row_of_a_bill_of_materials_is_named(users: Users, tmp_path: Path) -> None:
    for name in ("product.json", "sites.csv"):
        (tmp_path / name).write_bytes((PRODUCT / name).read_bytes())
    text = (PRODUCT / "bom.csv").read_text(encoding="utf-8")
    text = text.replace("0.341932632,kg", "-1,kg").replace("0.663751579,kg", "0.66,furlong")
    (tmp_path / "bom.csv").write_text(text, encoding="utf-8")

    told = users.run("export", "footprint", "import", str(tmp_path), code=3)

    assert "lfp_battery_pack.02" in told
    assert "lfp_battery_pack.03" in told


def test_a_malformed_record_file_is_refused_before_anything_is_sent(
    users: Users, request_id: str, tmp_path: Path
) -> None:
    path = tmp_path / "records.csv"
    path.write_text("record_id,amount\nx,1\n", encoding="utf-8")

    told = users.run(
        "maker", "supplier", "declare", str(path),
        "--request", request_id, "--plant-name", "p", "--region", "CN-SC", *YEAR, code=3,
    )  # fmt: skip

    assert "file.csv.missing_column" in told


def test_a_draft_that_cannot_be_submitted_is_begun_afresh(
    users: Users, request_id: str, tmp_path: Path
) -> None:
    # The request that the fixture sent stays as it is: the foil is asked for as well.
    assert request_id
    rows = users.run("export", "supplier", "requests")
    foil = next(row["id"] for row in rows if row["activity_id"] == "copper_foil")
    users.run("buyer", "supplier", "send", foil, "--supplier", "cathode-firm", *YEAR)
    complete = PRODUCT / "suppliers" / "copper_foil_maker.csv"
    lines = complete.read_text(encoding="utf-8").splitlines(keepends=True)
    without_output = tmp_path / "records.csv"
    without_output.write_text(
        "".join(line for line in lines if ",output," not in line), encoding="utf-8"
    )

    def declare_foil(path: Path, *options: str, code: int = 0) -> Any:
        return users.run(
            "maker", "supplier", "declare", str(path), *options,
            "--request", foil, "--plant-name", "p", "--region", "CN-JX", *YEAR, code=code,
        )  # fmt: skip

    assert "--afresh" in declare_foil(without_output, code=3)
    assert "--afresh" in declare_foil(complete, code=3)
    declared = declare_foil(complete, "--afresh")
    assert (declared["version"], declared["state"]) == (1, "calculated")


def test_records_that_cannot_be_calculated_are_named_by_row_and_mended_in_the_next_version(
    users: Users, model: Any, request_id: str, tmp_path: Path
) -> None:
    # Another request for the foil: one that was sent is followed by a new one.
    assert request_id
    background = users.run("export", "footprint", "calculate", model["id"], "--no-supplier-data")
    proposed = users.run(
        "export", "footprint", "request", model["id"], "--footprint", background["id"]
    )
    foil = next(
        row["id"] for row in proposed["data_requests"] if row["activity_id"] == "copper_foil"
    )
    users.run("buyer", "supplier", "send", foil, "--supplier", "cathode-firm", *YEAR)
    right = PRODUCT / "suppliers" / "copper_foil_maker.csv"
    wrong = tmp_path / "records.csv"
    text = right.read_text(encoding="utf-8")
    text = text.replace("copper_cathode,503.000", "copper_cathod,503.000")
    text = text.replace("material,sulfuric_acid,10.060", "fuel,sulfuric_acid,10.060")
    wrong.write_text(text, encoding="utf-8")

    def declare_foil(path: Path, code: int = 0) -> Any:
        return users.run(
            "maker", "supplier", "declare", str(path),
            "--request", foil, "--plant-name", "p", "--region", "CN-JX", *YEAR, code=code,
        )  # fmt: skip

    told = " ".join(declare_foil(wrong, code=3).split())
    assert "supplier_client.calculation.refused" in told
    assert "row 2 (line copper_foil.2025-01.copper_cathode), field item_id: nothing" in told
    assert "Did you mean copper_cathode?" in told
    assert "row 6 (line copper_foil.2025-01.sulfuric_acid), field item_id: sulfuric_acid" in told

    granted = users.run("buyer", "supplier", "granted")
    (seen,) = [row for row in granted if row["data_request_id"] == foil]
    assert seen["state"] == "refused"
    assert "copper_cathod" not in json.dumps(seen)
    refused = users.run(
        "buyer", "supplier", "accept", seen["declaration"]["id"], "--version", "1", code=3
    )
    assert "supplier.declaration.nothing_to_decide" in refused

    mended = declare_foil(right)
    assert (mended["version"], mended["state"]) == (2, "calculated")


def test_a_token_is_printed_for_other_tools(users: Users) -> None:
    assert users.run("export", "token")["access_token"].count(".") == 2
