"""``profiles completion``: a shell's script that completes the commands."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes `profiles` in SHELL.

    In bash and zsh `eval "$(profiles completion bash)"`, in fish
    `profiles completion fish | source`.
    """
    root = ctx.find_root()
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(found(root.command, {}, "profiles", "_PROFILES_COMPLETE").source())
