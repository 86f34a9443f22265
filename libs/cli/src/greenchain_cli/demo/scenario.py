"""The main job from beginning to end, on a platform of its own."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Any

from chassis.logging import configure_logging
from greenchain_cli.demo import state
from greenchain_cli.demo.acts.correction import correct
from greenchain_cli.demo.acts.footprint import freeze_footprint
from greenchain_cli.demo.acts.product import import_product
from greenchain_cli.demo.acts.record import issue_record
from greenchain_cli.demo.acts.suppliers import ask_suppliers
from greenchain_cli.demo.cast import Cast
from greenchain_cli.demo.log_reader import LoggedEvent, read_events
from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.demo.product_check import check_parts
from greenchain_cli.demo.stage import Stage
from greenchain_cli.demo.summary import Outcome, summary, write_summary
from greenchain_cli.language import say
from greenchain_cli.tables import read_product
from greenchain_local.event_log import open_event_log
from greenchain_local.identities import DEMO_IDENTITIES
from greenchain_local.platform import LocalSettings, Platform

EXAMPLE = "lfp_battery_pack"
LOG_NAME = "platform.log"


def run(
    directory: Path, product: Path | None, narrator: Narrator, started: float
) -> dict[str, Any]:
    """Run the main job in a fresh state directory; return and write its summary.

    Parameters
    ----------
    product
        Folder of the product; None for the example that ships.
    started
        When the command began, by `time.monotonic` [s].
    """
    shipped = shipped_example()
    folder = product or shipped
    read = read_product(folder)
    check_parts({row.values["input_id"] for row in read.bom})
    state.fresh(directory)
    _open(narrator)
    with ExitStack() as running:
        # What the platform logs would drown the story.
        log = running.enter_context((directory / LOG_NAME).open("a", encoding="utf-8"))
        configure_logging(development=False, stream=log)
        with narrator.doing(say("starting the platform", "正在启动平台")):
            settings = LocalSettings(state=directory)
            platform = running.enter_context(Platform(settings, DEMO_IDENTITIES))
        cast = running.enter_context(Cast(platform))
        _tell_platform(narrator, platform)
        stage = Stage(
            cast=cast,
            narrator=narrator,
            product=read,
            records=folder if (folder / "suppliers").is_dir() else shipped,
            event_log=platform.files.event_log,
        )
        outcome = _play(stage, platform)
    content = summary(outcome, time.monotonic() - started)
    path = write_summary(directory, content)
    _close(narrator, content, path)
    return content


def shipped_example() -> Path:
    """Return the folder of the example that ships."""
    return Path(str(resources.files("footprint.data").joinpath("examples", EXAMPLE)))


def _play(stage: Stage, platform: Platform) -> Outcome:
    model, background = import_product(stage)
    answered = ask_suppliers(stage, model, background)
    frozen = freeze_footprint(stage, model, background)
    record_id, found = issue_record(stage, frozen)
    corrected = next(each for each in answered if each.supplier.corrected is not None)
    new, old, record = correct(stage, corrected, frozen, record_id)
    return Outcome(
        footprint=new,
        superseded=old,
        background=background,
        record=record,
        declarations=_declarations(stage, new),
        events=_events(platform, new, record),
        verified=found["verified"] is True,
        database=platform.files.database_url("footprint").partition(":")[0],
        event_log=platform.files.event_log.partition(":")[0],
    )


def _declarations(stage: Stage, footprint: Any) -> list[Any]:
    """Return the cited versions, with the state in which the lead firm sees them."""
    from greenchain.supplier.v1.declaration_pb2 import DeclarationState

    states = {
        (granted.declaration.id, granted.declaration.version): DeclarationState.Name(granted.state)
        for granted in stage.cast.lead_firm.granted_declarations()
    }
    return [
        cited
        | {
            "state": states[cited["id"], cited["version"]]
            .removeprefix("DECLARATION_STATE_")
            .lower()
        }
        for cited in footprint["declarations"]
    ]


def _events(platform: Platform, footprint: Any, record: Any) -> list[LoggedEvent]:
    """Read the log until it holds what the services announced last."""

    def complete(events: Sequence[LoggedEvent]) -> bool:
        told = [(event.type, event.subject) for event in events]
        flagged = ("greenchain.record.flagged.v1", record["record_id"])
        recomputed = ("greenchain.footprint.recomputed.v1", footprint["id"])
        return told.count(flagged) == len(record["flags"]) and recomputed in told

    with open_event_log(platform.files.event_log) as event_log:
        return read_events(
            event_log,
            complete,
            "the last events in the log",
            "事件日志收齐最后的事件",
        )


def _open(narrator: Narrator) -> None:
    narrator.title(
        say(
            "greenchain: from a bill of materials to a verified record",
            "绿链：从物料清单到可核验的记录",
        )
    )
    narrator.remark(
        say(
            "A demonstration. Organisations and plants are invented, suppliers' records "
            "illustrative, electricity factors provisional; the record is no certificate.",
            "仅为演示：组织与工厂为虚构，供应商记录为示例性数据，电力因子为暂定值；记录不是证书。",
        )
    )


def _tell_platform(narrator: Narrator, platform: Platform) -> None:
    narrator.remark(
        say(
            f"One process: HTTP {platform.url}, gRPC {platform.target}, SQLite, local event log.",
            f"单一进程：HTTP {platform.url}，gRPC {platform.target}，SQLite，本地事件日志。",
        )
    )


def _close(narrator: Narrator, content: Any, path: Path) -> None:
    narrator.chapter(say("Done", "完成"))
    seconds, events = content["elapsed_s"], len(content["events"])
    narrator.remark(
        say(
            f"{events} events in the log; {seconds:.1f} s. Everything in numbers: {path}",
            f"事件日志共 {events} 个事件；用时 {seconds:.1f} 秒。全部数字见 {path}",
        )
    )
