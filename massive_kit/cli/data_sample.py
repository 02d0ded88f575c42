"""`massive-kit data sample`, the short name of `massive-kit data derive sample`."""

from __future__ import annotations

import typer

# Everything after the name, `--help` too, is for the command that this one stands for.
PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def sample(context: typer.Context) -> None:
    """Write a few-shot sample, or the rows that judges approve of, as a store of its own."""
    from massive_kit.cli.data_derive import transform_command

    command = transform_command("sample")
    command.main(args=context.args, prog_name=context.command_path, standalone_mode=False)
