"""`kb export`: the graph, or a part of it, in a format of RDF."""

from pathlib import Path

import click

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import deliver
from kb.cli.session import Session
from kb.errors import UsageError
from kb.generations.export import export as export_rdf
from kb.generations.merged import export_merged
from kb.rdf.formats import RDF_FORMATS

__all__ = ["export"]

_HELP = f"""Write the graph or a part of it in a format of RDF.

FORMAT is one of {", ".join(RDF_FORMATS)}. TriG and N-Quads keep apart what each source says; the others merge what is
asserted and inferred. With --merged, what the files state is one ontology that imports nothing, for OWL tools: the
ontology or, by --graph, a document with all that it imports; "all" stands for everything.
"""


@click.command(
    cls=ExampleCommand,
    help=_HELP,
    examples=[
        "kb export trig -o ammtc.trig",
        'kb export jsonld --entity "19th AMMTC"',
        "kb export turtle --graph nst-2025-09-12",
        "kb export rdfxml --merged -o ammtc.owl",
        "kb export rdfxml --merged --graph all -o ammtc-all.owl",
    ],
)
@click.argument("format_name", metavar="FORMAT", type=click.Choice(list(RDF_FORMATS)))
@click.option("--entity", metavar="NAME", help="Only the description of this thing: an IRI, a CURIE or a name.")
@click.option("--graph", metavar="NAME", help="Only this named graph, for example a source document, or 'inferred'.")
@click.option("--merged", is_flag=True, help="The ontology, or --graph with its imports, as one without imports.")
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to a file.")
@click.pass_obj
def export(  # noqa: PLR0913  one parameter an option
    session: Session, format_name: str, entity: str | None, graph: str | None, output: Path | None, *, merged: bool
) -> None:
    """Write the graph or a part of it in a format of RDF."""
    if merged and entity is not None:
        raise UsageError("--merged writes whole documents, --entity one thing", "Leave one of the two out")
    generation = session.generation()
    if merged:
        deliver(export_merged(generation, format_name, graph), output)
        return
    content = export_rdf(generation.store(), format_name, entity=entity, graph=graph, written=generation.written())
    deliver(content, output)
