"""The command `kb`: its options, its subcommands, and what an error means for the exit code."""

from collections.abc import Sequence
from pathlib import Path

import click

import kb
from kb.cli.commands import FOLDER, ExampleGroup, Subcommand
from kb.cli.console import open_streams, say
from kb.cli.session import Session
from kb.errors import KbError, NotEnoughMemory, UsageError
from kb.rdf.quiet import quiet_rdflib

__all__ = ["cli", "main"]

_FINDINGS, _WRONG_USE = 1, 2

_SUBCOMMANDS = {
    "check": Subcommand("kb.cli.checks", "Find what is wrong with the files."),
    "build": Subcommand("kb.cli.build", "Load, reason, validate, write the store and the dumps."),
    "explain": Subcommand("kb.cli.explain", "Say why a statement holds."),
    "reason": Subcommand("kb.cli.reason", "Add what follows to any RDF files."),
    "rules": Subcommand("kb.cli.rules", "Write the reasoner's rules for stores that are fed without kb."),
    "query": Subcommand("kb.cli.query", "Run a stored question or a query of your own."),
    "export": Subcommand("kb.cli.export", "Write the graph or a part of it in a format of RDF."),
    "terms": Subcommand("kb.cli.terms", "Say what is written of a kind of thing, with a template."),
    "evidence": Subcommand("kb.cli.checks", "Compare the cited passages with the texts."),
    "fmt": Subcommand("kb.cli.files", "Bring Turtle files into the canonical form."),
    "index": Subcommand("kb.cli.files", "Generate all.ttl and the catalogs."),
    "publish": Subcommand("kb.cli.publish", "Bring a SPARQL store elsewhere to the state of the graph."),
    "verify": Subcommand("server.verification", "Compare the answers of a store elsewhere with those here."),
    "serve": Subcommand("server.command", "Serve the graph on the web."),
}


@click.group(
    cls=ExampleGroup,
    subcommands=_SUBCOMMANDS,
    examples=['kb query -e "SELECT ?meeting { ?meeting a ammtc:MinisterialMeeting }"', "kb check", "kb COMMAND --help"],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(kb.__version__, prog_name="kb")
@click.option("--project", type=FOLDER, metavar="DIR", help="The folder that holds ontology/ and graph/.")
@click.option("--build-dir", type=FOLDER, metavar="DIR", help="Where built generations are kept.")
@click.pass_context
def cli(context: click.Context, project: Path | None, build_dir: Path | None) -> None:
    """ASEAN's cooperation against transnational crime as a knowledge graph.

    The commands work on the checkout around the working directory, or on the files inside the installed package.
    """
    context.obj = Session(project, build_dir)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 fine, 1 something is wrong with the files, 2 with the call.

    :raises KeyboardInterrupt: when it is interrupted
    """
    open_streams()
    try:
        with quiet_rdflib():
            code = cli.main(arguments, prog_name="kb", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return _WRONG_USE
    except KbError as error:
        say(f"kb: {error}")
        return _WRONG_USE if isinstance(error, UsageError) else _FINDINGS
    except MemoryError:
        say(f"kb: {NotEnoughMemory()}")
        return _FINDINGS
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0
