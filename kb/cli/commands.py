"""Commands that show examples in their help, and the group that imports a command's module when it is used."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from kb.errors import UsageError

__all__ = [
    "DEFAULT_GRAPH",
    "FILE",
    "FOLDER",
    "REASONER",
    "ExampleCommand",
    "ExampleGroup",
    "Subcommand",
    "is_union",
]


#: Types of options and arguments. The library checks whether the path exists.
FILE = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path)

#: The option of all commands that reason; the names are those of `kb.reasoning.infer.REASONERS`.
REASONER = click.option(
    "--reasoner",
    type=click.Choice(["kb", "owlrl"]),
    default="kb",
    show_default=True,
    help="kb's own, or owlrl, the reference that it is tested against.",
)

#: The option of all commands that query files, see `is_union`.
DEFAULT_GRAPH = click.option(
    "--default-graph",
    type=click.Choice(["default", "union"]),
    help="What queries see of the files of --data without GRAPH or FROM: what stands in no named graph (default), or "
    "what stands in any graph (union).",
)


def is_union(default_graph: str | None, data: Sequence[Path]) -> bool:
    """Return whether the default graph of some files is to have what their named graphs hold.

    :param default_graph: the value of `DEFAULT_GRAPH`
    :raises UsageError: if it is given without files
    """
    if default_graph is not None and not data:
        problem = "--default-graph is about the files of --data, and there are none"
        raise UsageError(problem, "Leave it out: what is built has the statements of all graphs in its default graph")
    return default_graph == "union"


class ExampleCommand(click.Command):
    """A command whose help ends with examples.

    :param examples: commands as one types them
    """

    def __init__(self, *args: Any, examples: Sequence[str], **kwargs: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's interface
        """Write the examples, which must not be wrapped."""
        with formatter.section("Examples"):
            formatter.write("".join(f"{'':{formatter.current_indent}}{example}\n" for example in self.examples))


class Subcommand(NamedTuple):
    """A command that is not imported yet.

    :param module: the module that holds it, as a function of the command's name
    :param help: what it does, one line
    """

    module: str
    help: str


class ExampleGroup(ExampleCommand, click.Group):
    """A group whose commands are imported when they are used: `kb query` need not wait for the validator.

    :param subcommands: name -> where it is, in the order of the help
    """

    def __init__(self, *args: Any, subcommands: dict[str, Subcommand], **kwargs: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(*args, **kwargs)
        self.subcommands = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        """Return the names of the commands."""
        return list(self.subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's interface
        """Import a command."""
        subcommand = self.subcommands.get(cmd_name)
        return subcommand and getattr(import_module(subcommand.module), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write what each command does, without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, subcommand.help) for name, subcommand in self.subcommands.items()])
