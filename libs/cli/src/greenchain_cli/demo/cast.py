"""The users of the demonstration: each with its own token, at the platform's public addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from chassis.tokens import ClientCredentials
from greenchain_local.platform import Platform

from greenchain_cli.clients.certification import CertificationApi
from greenchain_cli.clients.footprint import FootprintApi
from greenchain_cli.clients.lead_firm import LeadFirm
from greenchain_cli.clients.settings import ClientSettings

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
    records, corrected
        Files of the product folder with its records, and with the corrected ones.
    """

    identity: str
    tenant_id: str
    activity_id: str
    plant_name: str
    region: str
    records: str
    corrected: str | None = None


SUPPLIERS = (
    Supplier(
        identity="cathode-maker",
        tenant_id="cathode-maker",
        activity_id="lfp_cathode",
        plant_name="Illustrative cathode plant, Sichuan",
        region="CN-SC",
        records="suppliers/cathode_maker.csv",
        corrected="suppliers/cathode_maker_corrected.csv",
    ),
    Supplier(
        identity="copper-foil-maker",
        tenant_id="copper-foil-maker",
        activity_id="copper_foil",
        plant_name="Illustrative copper-foil plant, Jiangxi",
        region="CN-JX",
        records="suppliers/copper_foil_maker.csv",
    ),
)
