"""The users of the demonstration: each with its own token, at the platform's public addresses."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.tokens import ClientCredentials
from greenchain_cli.clients.certification import CertificationApi
from greenchain_cli.clients.footprint import FootprintApi
from greenchain_cli.demo.processes import ClientProcess
from greenchain_cli.demo.venue import Venue
from greenchain_cli.language import current, say
from supplier_client import LeadFirmClient

PURCHASING = "pack-maker-purchasing"
EXPORT = "pack-maker-export"
VERIFIER = "verifier"
BODY = "certification-body"


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier of the demonstration and the plant that it declares.

    Attributes
    ----------
    identity, tenant_id
        Who declares, and for which organisation.
    activity_id
        The bought part that it makes.
    plant_en, plant_zh
        Name of the invented plant.
    records, corrected
        Files of the product folder with its records, and with the corrected ones.
    """

    identity: str
    tenant_id: str
    activity_id: str
    plant_en: str
    plant_zh: str
    region: str
    records: Path
    corrected: Path | None = None

    @property
    def plant(self) -> str:
        """Name of the plant in the language of this process."""
        return say(self.plant_en, self.plant_zh)


CATHODE_MAKER = Supplier(
    identity="cathode-maker",
    tenant_id="cathode-maker",
    activity_id="lfp_cathode",
    plant_en="Illustrative cathode plant, Sichuan",
    plant_zh="示例正极材料厂（四川）",
    region="CN-SC",
    records=Path("suppliers/cathode_maker.csv"),
    corrected=Path("suppliers/cathode_maker_corrected.csv"),
)
COPPER_FOIL_MAKER = Supplier(
    identity="copper-foil-maker",
    tenant_id="copper-foil-maker",
    activity_id="copper_foil",
    plant_en="Illustrative copper-foil plant, Jiangxi",
    plant_zh="示例铜箔厂（江西）",
    region="CN-JX",
    records=Path("suppliers/copper_foil_maker.csv"),
)
SUPPLIERS = (CATHODE_MAKER, COPPER_FOIL_MAKER)


class Cast:
    """Connections of the users to a running platform; a context manager."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._open = ExitStack()
        self.exporter = FootprintApi(venue.footprint_url, self._token(EXPORT).token)
        self.applicant = CertificationApi(venue.certification_url, self._token(EXPORT).token)
        self.verifier = CertificationApi(venue.certification_url, self._token(VERIFIER).token)
        self.body = CertificationApi(venue.certification_url, self._token(BODY).token)
        self.public = CertificationApi(venue.certification_url, None)
        self.lead_firm = LeadFirmClient.connect(
            venue.target, self._token(PURCHASING).token, language=current()
        )
        for connection in (
            self.exporter, self.applicant, self.verifier, self.body, self.public, self.lead_firm
        ):  # fmt: skip
            self._open.callback(connection.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def process(
        self, identity: str, arguments: Sequence[str], more: Mapping[str, str] | None = None
    ) -> ClientProcess:
        """Start a command as a process of its own that knows one identity's secret alone."""
        environment = {**self._venue.variables_of(identity), **(more or {})}
        return ClientProcess(identity, arguments, environment)

    def _token(self, identity: str) -> ClientCredentials:
        secret = self._venue.credentials[identity].secret
        return ClientCredentials(self._venue.token_url, identity, secret)
