"""Product models and footprints of `footprint`, over HTTP."""

from pathlib import Path
from typing import Any

from chassis.rpc_status import RemoteError
from greenchain_cli.clients.http import HttpApi, Token
from greenchain_cli.tables import ProductFolder


class FootprintApi:
    """What an exporter asks of the service."""

    def __init__(self, base_url: str, token: Token) -> None:
        self._http = HttpApi("footprint", base_url, token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def import_product(self, product: ProductFolder) -> Any:
        """Import a product model: all of it, or an error with everything that is wrong."""
        try:
            return self._http.post("/v1/product-models", product.document)
        except RemoteError as refused:
            raise product.in_files(refused) from None

    def calculate(self, product_model_id: str, method_id: str, *, supplier_data: bool) -> Any:
        """Calculate a footprint, with or without accepted supplier data."""
        return self._http.post(
            f"/v1/product-models/{product_model_id}/footprints",
            {"method_id": method_id, "use_supplier_data": supplier_data},
        )

    def propose_data_requests(self, product_model_id: str, footprint_id: str) -> Any:
        """Propose data requests for the bought parts that weigh in a footprint."""
        return self._http.post(
            f"/v1/product-models/{product_model_id}/data-requests", {"footprint_id": footprint_id}
        )

    def freeze(self, footprint_id: str) -> Any:
        """Freeze a footprint for good."""
        return self._http.post(f"/v1/footprints/{footprint_id}/freeze", {})

    def footprint(self, footprint_id: str) -> Any:
        """Return a footprint."""
        return self._http.get(f"/v1/footprints/{footprint_id}")

    def explanation(self, footprint_id: str) -> Any:
        """Return what explains a footprint, down to every exchange."""
        return self._http.get(f"/v1/footprints/{footprint_id}/explanation")

    def upload_background(self, background_id: str, version: str, path: Path) -> Any:
        """Upload a background file for the caller's organisation."""
        with path.open("rb") as file:
            return self._http.put(
                f"/v1/backgrounds/{background_id}/{version}", file, "application/zip"
            )

    def backgrounds(self) -> Any:
        """Return the backgrounds of the caller's organisation."""
        return self._http.get("/v1/backgrounds")

    def footprints(self, after: str = "") -> Any:
        """Return a page of footprints, newest first, beginning after one of them."""
        return self._http.get("/v1/footprints", {"after": after})
