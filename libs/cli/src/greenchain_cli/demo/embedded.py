"""The embedded shape: the platform in the process of the demonstration itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.demo.venue import Venue
from greenchain_cli.language import say
from greenchain_local.identities import DEMO_IDENTITIES
from greenchain_local.platform import LocalSettings, Platform


@contextmanager
def embedded(directory: Path, narrator: Narrator) -> Iterator[Venue]:
    """Run the platform on SQLite and a local event log."""
    with ExitStack() as running:
        with narrator.doing(say("starting the platform", "正在启动平台")):
            settings = LocalSettings(state=directory)
            platform = running.enter_context(Platform(settings, DEMO_IDENTITIES))
        yield Venue(
            footprint_url=platform.footprint_url,
            certification_url=platform.certification_url,
            target=platform.target,
            token_url=platform.token_url,
            event_log=platform.files.event_log,
            credentials=platform.secrets.credentials,
            described=say(
                f"One process: HTTP {platform.url}, gRPC {platform.target}, SQLite, local event "
                "log.",
                f"单一进程：HTTP {platform.url}，gRPC {platform.target}，SQLite，本地事件日志。",
            ),
        )
