"""The block of `docs/operating.md` that prepares the compose file tells it what it asks for."""

import re
from pathlib import Path

from dotenv import dotenv_values
from tests.docs.commands import calls_of, stand_in
from tests.docs.markdown import document, marked_block

PAGE = document("docs/operating.md")

# What the page's `docker` does here: an issuer's directory is one of this machine's.
ISSUER = """
if sys.argv[1] == "run":
    from greenchain_cli import main
    os.environ["GREENCHAIN_STATE_DIR"] = os.path.abspath("issuer")
    sys.exit(main.run(sys.argv[sys.argv.index("issuer"):]))
"""


def test_the_environment_file_has_what_compose_asks_for(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    stand_in(tmp_path, "docker", ISSUER)
    stand_in(tmp_path, "openssl", 'print("0f" * 24)')
    calls = calls_of(marked_block(PAGE, "check: compose"), tmp_path, tmp_path)
    docker = [call[1:] for call in calls if call[0] == "docker"]
    assert [call[0] for call in docker] == ["build", "volume", "run", "run", "compose"]
    assert docker[-1][:3] == ["compose", "--file", "deploy/compose.yaml"]

    written = tmp_path / "deploy/.env"
    assert written.stat().st_mode & 0o077 == 0
    values = dotenv_values(written)
    asked = set(re.findall(r"\$\{(\w+)", document("deploy/compose.yaml")))
    assert set(values) == asked
    assert all(values.values())
    assert str(values["GREENCHAIN_CERTIFICATION_SIGNING_KEY"]).startswith("{")


def test_an_environment_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/.env").write_text("POSTGRES_PASSWORD=in-the-volume\n")
    stand_in(tmp_path, "docker")
    (call,) = calls_of(marked_block(PAGE, "check: compose"), tmp_path, tmp_path)
    assert call[:2] == ["docker", "compose"]
    assert (tmp_path / "deploy/.env").read_text() == "POSTGRES_PASSWORD=in-the-volume\n"
