"""`greenchain issuer environment`: what a process must find in its environment."""

import shlex
from typing import Annotated

import typer

from greenchain_cli.commands.options import DEFAULT_STATE, AsJson, State
from greenchain_cli.language import say
from greenchain_cli.output import print_json

HELP = say(
    "Print the settings and secrets of a service (supplier, footprint, certification) or of an "
    'identity, for the shell: eval "$(greenchain issuer environment NAME)".',
    "按 shell 格式打印服务（supplier、footprint、certification）或身份的设置与密钥："
    'eval "$(greenchain issuer environment 名称)"。',
)


def environment(
    name: Annotated[
        str, typer.Argument(help=say("A service or an identity.", "服务或身份的名称。"))
    ],
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Print the variables."""
    from greenchain_local.environment import environment_of

    variables = environment_of(name, state)
    if as_json:
        print_json(dict(variables))
        return
    for variable, value in variables.items():
        typer.echo(f"export {variable}={shlex.quote(value)}")
