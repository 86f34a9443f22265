"""What is said of a cluster that cannot be asked."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from chassis.errors import Unavailable
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.refusals import UnusableFile
from chassis.settings import KafkaSettings


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate, its key as it is and with a password, the key of another, and no PEM."""
    directory = tmp_path_factory.mktemp("files")
    authority = trustme.CA()
    own, other = authority.issue_cert("own@example.org"), authority.issue_cert("other@example.org")
    own.cert_chain_pems[0].write_to_path(directory / "certificate")
    own.private_key_pem.write_to_path(directory / "key")
    other.private_key_pem.write_to_path(directory / "key-of-another")
    locked = serialization.load_pem_private_key(own.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    (directory / "locked-key").write_bytes(locked)
    (directory / "no-pem").write_text("no PEM")
    return directory


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ca_file": "no-pem"}, "GREENCHAIN_KAFKA_CA_FILE"),
        ({"certificate_file": "no-pem", "key_file": "key"}, "GREENCHAIN_KAFKA_CERTIFICATE_FILE"),
        ({"certificate_file": "certificate", "key_file": "no-pem"}, "GREENCHAIN_KAFKA_KEY_FILE"),
        (
            {"certificate_file": "certificate", "key_file": "key-of-another"},
            "GREENCHAIN_KAFKA_KEY_FILE",
        ),
        (
            {"certificate_file": "certificate", "key_file": "locked-key"},
            "GREENCHAIN_KAFKA_KEY_FILE",
        ),
    ],
)
def test_a_file_that_tls_cannot_use_is_named_by_its_setting(
    files: Path, given: dict[str, str], named: str
) -> None:
    settings = KafkaSettings.model_validate(
        {"security_protocol": "SSL", **{name: files / each for name, each in given.items()}}
    )
    with pytest.raises(UnusableFile, match=named):
        Cluster(["127.0.0.1:9"], settings).ask()


def test_a_name_that_cannot_be_one_does_not_answer() -> None:
    with pytest.raises(Unavailable):
        Cluster(["a..b:9092"], KafkaSettings()).ask()
