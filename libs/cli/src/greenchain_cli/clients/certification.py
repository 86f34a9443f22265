"""Applications and records of `certification`, over HTTP."""

from collections.abc import Mapping
from typing import Any

from greenchain_cli.clients.http import HttpApi, Token


class CertificationApi:
    """What applicants, verifiers and certification bodies ask of the service."""

    def __init__(self, base_url: str, token: Token | None) -> None:
        self._http = HttpApi("certification", base_url, token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def apply(self, footprint_id: str, scheme: str, verifier: str, body: str) -> Any:
        """Apply for a record of a frozen footprint; `verifier` and `body` are tenants."""
        return self._http.post(
            "/v1/applications",
            {
                "footprint_id": footprint_id,
                "scheme": scheme,
                "verifier_tenant_id": verifier,
                "body_tenant_id": body,
            },
        )

    def application(self, application_id: str) -> Any:
        """Return an application as its participants see it."""
        return self._http.get(f"/v1/applications/{application_id}")

    def state(self, application_id: str, statement: Mapping[str, Any]) -> Any:
        """File the verifier's statement."""
        return self._http.post(f"/v1/applications/{application_id}/statements", dict(statement))

    def decide(self, application_id: str, decision: str, reason: str) -> Any:
        """Issue the record, or reject the application."""
        return self._http.post(
            f"/v1/applications/{application_id}/decision", {"decision": decision, "reason": reason}
        )

    def transition(self, record_id: str, action: str, reason: str) -> Any:
        """Suspend, reinstate, revoke or withdraw a record; withdraw an application."""
        return self._http.post(
            f"/v1/records/{record_id}/transitions", {"action": action, "reason": reason}
        )

    def record(self, record_id: str) -> Any:
        """Return a public record."""
        return self._http.get(f"/v1/records/{record_id}")
