"""Says which environment variable is missing or wrong, what it is and how to get it."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings

from chassis.errors import GreenchainError
from greenchain_cli.errors import MissingSetting, WrongSetting, WrongSettings

# What a setting is and how to get it, by the end of its variable's name.
_HINTS = {
    "_CLIENT_SECRET": (
        "It is the secret of the service's own identity; "
        '`eval "$(greenchain issuer environment {service})"` sets it.',
        "该变量是服务自身身份的密钥；"
        '可运行 `eval "$(greenchain issuer environment {service})"` 设置。',
    ),
    "_SIGNING_KEY": (
        "It is the private key that signs records; `greenchain certification new-key` makes one.",
        "该变量是用于签署记录的私钥；可运行 `greenchain certification new-key` 生成。",
    ),
    "_PUBLIC_URL": (
        "It is the address at which anybody reaches the service and the issuer named in its "
        "records, e.g. https://records.example.org.",
        "该变量是服务的对外地址，也是记录中的签发者，例如 https://records.example.org。",
    ),
}
_NO_HINT = ("docs/architecture.md lists the settings.", "设置项见 docs/architecture.md。")


def wrong_settings(error: ValidationError) -> GreenchainError | None:
    """Return what is wrong with the environment; None if the error is about something else."""
    settings = {each.__name__: each for each in _below(BaseSettings)}.get(error.title)
    if settings is None:
        return None
    prefix = settings.model_config.get("env_prefix", "")
    found = tuple(_one(prefix, each) for each in error.errors(include_input=False))
    return found[0] if len(found) == 1 else WrongSettings(each=found)


def _one(prefix: str, detail: ErrorDetails) -> GreenchainError:
    name = str(detail["loc"][0])
    # A variable with a name of its own, without the prefix, is named as it is.
    variable = name if name.isupper() else f"{prefix}{name}".upper()
    ends = (hint for end, hint in _HINTS.items() if variable.endswith(end))
    hint_en, hint_zh = next(ends, _NO_HINT)
    service = prefix.removeprefix("GREENCHAIN_").strip("_").lower()
    hint_en, hint_zh = hint_en.format(service=service), hint_zh.format(service=service)
    if detail["type"] in ("missing", "too_short", "string_too_short"):
        return MissingSetting(name=variable, hint_en=hint_en, hint_zh=hint_zh)
    return WrongSetting(name=variable, reason=detail["msg"], hint_en=hint_en, hint_zh=hint_zh)


def _below(cls: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)
