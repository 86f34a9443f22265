"""Messages of the `supplier` service as a person reads them, and as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict

from greenchain_cli import words
from greenchain_cli.language import say
from greenchain_cli.output import figure, moment, print_fields, print_rows

if TYPE_CHECKING:
    from google.protobuf.message import Message


def plain(message: "Message") -> dict[str, Any]:
    """Return a message as JSON values, under its own field names.

    States and the like are named as everywhere else, ``calculated`` and not
    ``DECLARATION_STATE_CALCULATED``.
    """
    found: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return _named(found, message.DESCRIPTOR)


def _named(found: dict[str, Any], descriptor: Any) -> dict[str, Any]:
    for field in descriptor.fields:
        value = found.get(field.name)
        if value is None:
            continue
        if field.enum_type is not None:
            # Every enum's zero is `<PREFIX>UNSPECIFIED`.
            prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
            found[field.name] = value.removeprefix(prefix).lower()
        elif isinstance(value, dict) and field.message_type is not None:
            _named(value, field.message_type)
    return found


def show_requests(requests: Iterable[dict[str, Any]]) -> None:
    """Show data requests, a row each."""
    print_rows(
        (
            say("data request", "数据请求"),
            say("state", "状态"),
            say("part", "外购件"),
            say("lead firm", "链主企业"),
            say("supplier", "供应商"),
            say("period", "期间"),
            say("share", "占比"),
        ),
        [
            (
                row["id"],
                words.state(row["state"]),
                row["activity_id"],
                row.get("lead_firm_tenant_id", ""),
                row.get("supplier_tenant_id", ""),
                _period(row),
                _share(row),
            )
            for row in requests
        ],
    )


def show_request(request: dict[str, Any]) -> None:
    """Show one data request."""
    print_fields(
        [
            (say("data request", "数据请求"), request["id"]),
            (say("state", "状态"), words.state(request["state"])),
            (say("part", "外购件"), f"{request['activity_id']} [{request['unit']}]"),
            (say("supplier", "供应商"), request.get("supplier_tenant_id", "")),
            (say("period", "期间"), _period(request)),
            (say("share", "占比"), _share(request)),
        ]
    )


def show_declaration(declaration: dict[str, Any]) -> None:
    """Show a declaration as its supplier sees it."""
    print_fields(
        [
            *_version(declaration, declaration),
            (say("plant", "工厂"), declaration["plant_name"]),
            (say("region", "地区"), words.region(declaration["plant_region"])),
            (say("period", "期间"), _period(declaration)),
            (say("records", "活动记录数"), declaration.get("record_count", 0)),
            *_footprint(declaration),
            *_optional(say("returned because", "退回原因"), declaration.get("return_reason")),
        ]
    )


def show_granted(granted: dict[str, Any]) -> None:
    """Show a declaration as whoever was granted it sees it."""
    print_fields(
        [
            *_version(granted, granted["declaration"]),
            (say("supplier", "供应商"), granted["supplier_tenant_id"]),
            (say("region", "地区"), words.region(granted["plant_region"])),
            (say("period", "期间"), _period(granted)),
            *_footprint(granted),
        ]
    )


def show_granted_list(granted: Iterable[dict[str, Any]]) -> None:
    """Show granted declarations, a row each."""
    print_rows(
        (
            say("declaration", "声明"),
            say("version", "版本"),
            say("state", "状态"),
            say("part", "外购件"),
            say("supplier", "供应商"),
            say("region", "地区"),
            say("footprint", "碳足迹"),
        ),
        [
            (
                row["declaration"]["id"],
                row["declaration"]["version"],
                words.state(row["state"]),
                row["activity_id"],
                row["supplier_tenant_id"],
                row["plant_region"],
                _per_unit(row["calculated_footprint"]) if "calculated_footprint" in row else "",
            )
            for row in granted
        ],
    )


def show_grants(grants: Iterable[dict[str, Any]]) -> None:
    """Show grants, a row each."""
    print_rows(
        (
            say("grant", "授权"),
            say("declaration", "声明"),
            say("to", "被授权方"),
            say("for", "用途"),
            say("fields", "字段"),
            say("from", "起"),
            say("until", "止"),
            say("revoked", "撤回"),
        ),
        [tuple(cell for _, cell in _grant(row)) for row in grants],
    )


def show_grant(grant: dict[str, Any]) -> None:
    """Show one grant."""
    print_fields(_grant(grant))


def _grant(grant: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (say("grant", "授权"), grant["id"]),
        (say("declaration", "声明"), grant["declaration_id"]),
        (say("to", "被授权方"), grant["grantee"]),
        (say("for", "用途"), words.purpose(grant["purpose"])),
        (say("fields", "字段"), say(", ", "、").join(grant.get("fields", []))),
        (say("from", "起"), moment(grant["valid_from"])),
        (say("until", "止"), moment(grant["valid_until"])),
        (say("revoked", "撤回"), moment(grant["revoked_at"]) if "revoked_at" in grant else ""),
    ]


def _version(row: dict[str, Any], reference: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (say("declaration", "声明"), reference["id"]),
        (say("version", "版本"), reference["version"]),
        (say("state", "状态"), words.state(row["state"])),
        *_optional("SHA-256", reference.get("sha256")),
        (say("data request", "数据请求"), row["data_request_id"]),
        (say("part", "外购件"), row["activity_id"]),
    ]


def _footprint(row: dict[str, Any]) -> list[tuple[str, Any]]:
    own = row.get("calculated_footprint")
    if own is None:
        return []
    data = own.get("primary_data_share_percent", 0.0)
    activity = own.get("primary_activity_share_percent", 0.0)
    return [
        (say("own footprint", "自身碳足迹"), _per_unit(own)),
        (say("primary data share", "初级数据占比"), f"{data:.2f} %"),
        (say("primary activity share", "初级活动数据占比"), f"{activity:.2f} %"),
        (say("footprint id", "碳足迹编号"), own["footprint_id"]),
    ]


def _per_unit(own: dict[str, Any]) -> str:
    return f"{figure(own.get('kg_co2e_per_unit', 0.0))} kg CO2e / {own['unit']}"


def _period(row: dict[str, Any]) -> str:
    period = row.get("reference_period")
    return "" if period is None else f"{period['start']} – {period['end']}"


def _share(row: dict[str, Any]) -> str:
    share = row.get("share_of_footprint_percent")
    return "" if share is None else f"{share:.1f} %"


def _optional(name: str, value: Any) -> list[tuple[str, Any]]:
    return [(name, value)] if value else []
