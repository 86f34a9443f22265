"""Connections of one command to the platform, with the identity of its environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from greenchain_cli.clients.settings import ClientSettings
from greenchain_cli.language import current

if TYPE_CHECKING:
    from chassis.tokens import ClientCredentials
    from greenchain_cli.clients.certification import CertificationApi
    from greenchain_cli.clients.footprint import FootprintApi
    from supplier_client import LeadFirmClient, SupplierClient

# Imports stand inside the functions: HTTP, gRPC and cryptography take longer to load than most
# commands take to run.


def credentials(settings: ClientSettings) -> "ClientCredentials":
    """Return the credentials of the environment, which fetch tokens when they are needed."""
    from chassis.tokens import ClientCredentials

    client_id, secret = settings.credentials()
    return ClientCredentials(settings.token_url, client_id, secret)


@contextmanager
def footprint() -> Iterator["FootprintApi"]:
    """Connect to `footprint`."""
    from greenchain_cli.clients.footprint import FootprintApi

    settings = ClientSettings.of_environment()
    api = FootprintApi(settings.footprint_url, credentials(settings).token)
    try:
        yield api
    finally:
        api.close()


@contextmanager
def certification(*, public: bool = False) -> Iterator["CertificationApi"]:
    """Connect to `certification`; without a token for what is public."""
    from greenchain_cli.clients.certification import CertificationApi

    settings = ClientSettings.of_environment()
    token = None if public else credentials(settings).token
    api = CertificationApi(settings.certification_url, token)
    try:
        yield api
    finally:
        api.close()


def lead_firm() -> "LeadFirmClient":
    """Connect to `supplier` as a lead firm; a context manager."""
    from supplier_client import LeadFirmClient

    settings = ClientSettings.of_environment()
    return LeadFirmClient.connect(settings.target, credentials(settings).token, language=current())


def supplier() -> "SupplierClient":
    """Connect to `supplier` as a supplier; a context manager."""
    from supplier_client import SupplierClient

    settings = ClientSettings.of_environment()
    return SupplierClient.connect(settings.target, credentials(settings).token, language=current())
