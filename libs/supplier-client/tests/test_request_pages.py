from greenchain.supplier.v1 import declaration_pb2, supplier_pb2
from supplier_client.client import pages


def test_all_pages_are_gone_through_and_none_is_asked_for_before_it_is_needed() -> None:
    asked: list[str] = []

    def ask(token: str) -> supplier_pb2.ListDataRequestsResponse:
        asked.append(token)
        ids, following = {"": (["a", "b"], "2"), "2": ([], "3"), "3": (["c"], "")}[token]
        requests = [declaration_pb2.DataRequest(id=id) for id in ids]
        return supplier_pb2.ListDataRequestsResponse(
            data_requests=requests, next_page_token=following
        )

    found = pages(ask)
    assert [next(found).id, next(found).id] == ["a", "b"]
    assert asked == [""]
    assert [each.id for each in found] == ["c"]
    assert asked == ["", "2", "3"]
