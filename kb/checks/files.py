"""Rules about the files as such: syntax, canonical form, headers, imports, generated files."""

from collections.abc import Iterator
from pathlib import Path

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDFS

from kb.checks.context import Context, Finding, Rule, finding_of
from kb.errors import DataError, RdfSyntaxError
from kb.files.catalog import outdated
from kb.files.documents import GENERATED_STEM, Document, expected_iri, load_document
from kb.rdf.comments import comments
from kb.rdf.turtle import parse, serialize

__all__ = ["FILE_RULES", "GRAPH_RULES"]


def turtle_syntax(context: Context) -> Iterator[Finding]:
    """Each file is Turtle (https://www.w3.org/TR/turtle/), in UTF-8, without relative IRIs."""
    for path, state in context.canonical.items():
        if isinstance(state, RdfSyntaxError):
            remedy = "Correct the line" if state.remedy == "Correct the file there" else state.remedy
            yield Finding(path, None, f"The file is no Turtle: {state.detail}", remedy, state.line)


def canonical_form(context: Context) -> Iterator[Finding]:
    """Each file is what `kb fmt` writes, so that a change of one statement is a change of one line."""
    for path, state in context.canonical.items():
        if state is False:
            keep = "--comments annotate " if comments(path.read_text(encoding="utf-8-sig")) else ""
            remedy = f"Run `kb fmt {keep}{path.parent.name}/{path.name}`"
            yield Finding(path, None, "The file is not in the canonical form", remedy, _first_difference(path))


def ontology_header(context: Context) -> Iterator[Finding]:
    """Each file is one ontology with the IRI that follows from its path, a label, a licence and a version."""
    index = context.project.graph / f"{GENERATED_STEM}.ttl"
    try:
        loaded, paths = context.documents, [path for path in (context.project.shapes, index) if path.is_file()]
    except DataError:
        loaded, paths = (), context.project.turtle_files()
    for document in loaded:
        yield from _header_problems(context, document)
    for path in paths:
        try:
            yield from _header_problems(context, load_document(path))
        except RdfSyntaxError:
            continue  # a rule of its own
        except DataError as error:
            yield finding_of(error, path)


def imports_closed(context: Context) -> Iterator[Finding]:
    """Each import names a file of the project; shapes and the generated index are imported by nothing."""
    known = {document.iri for document in context.documents} | {document.version_iri for document in context.documents}
    index = context.project.graph / f"{GENERATED_STEM}.ttl"
    unwanted = {expected_iri(context.project, path) for path in (context.project.shapes, index)}
    for document in context.documents:
        for iri in document.imports:
            if iri in unwanted:
                message = f"The file imports {iri}, which is no part of the graph"
                yield Finding(document.path, URIRef(document.iri), message, "Remove the import")
            elif iri not in known:
                message = f"The file imports {iri}, for which there is no file"
                remedy = "Add the file, correct the import or remove it: Protégé would drop it without a word"
                yield Finding(document.path, URIRef(document.iri), message, remedy)


def index_current(context: Context) -> Iterator[Finding]:
    """Compare the generated files, ``all.ttl`` and the catalogs, with what `kb index` writes."""
    for path in outdated(context.project, context.documents):
        yield Finding(path, None, "The generated file is missing or outdated", "Run `kb index`")


#: These can be applied to any files.
FILE_RULES = (
    Rule("turtle-syntax", "Every file is well-formed Turtle", turtle_syntax),
    Rule("canonical-form", "Every file is in the canonical form", canonical_form),
    Rule(
        "ontology-header", "Every file has a complete ontology header whose IRI follows from its path", ontology_header
    ),
)
#: These need documents that load.
GRAPH_RULES = (
    Rule("imports-closed", "Every import has a file", imports_closed),
    Rule("index-current", "The generated files are current", index_current),
)


def _first_difference(path: Path) -> int | None:
    is_now = path.read_text(encoding="utf-8").split("\n")
    should_be = serialize(parse(path)).split("\n")
    pairs = enumerate(zip(is_now, should_be, strict=False), 1)
    return next((number for number, (one, other) in pairs if one != other), min(len(is_now), len(should_be)))


def _header_problems(context: Context, document: Document) -> Iterator[Finding]:
    header, graph, expected = URIRef(document.iri), document.graph, expected_iri(context.project, document.path)
    if document.iri != expected:
        message = f"The ontology IRI is {document.iri}, but the path stands for {expected}"
        yield Finding(document.path, header, message, "Write the IRI that follows from the path, or rename the file")
    if not any(isinstance(label, Literal) and label.language == "en" for label in graph.objects(header, RDFS.label)):
        yield Finding(document.path, header, "The ontology has no English label", "Add rdfs:label")
    if document.path.stem != GENERATED_STEM:
        yield from _edition_problems(document.path, header, graph)


def _edition_problems(path: Path, header: URIRef, graph: Graph) -> Iterator[Finding]:
    """Check what a file that people edit must state; the generated index has no licence and no version of its own."""
    if not any(isinstance(licence, URIRef) for licence in graph.objects(header, DCTERMS.license)):
        yield Finding(path, header, "The ontology has no licence", "Add dcterms:license with the licence's IRI")
    versions = [str(version) for version in graph.objects(header, OWL.versionInfo)]
    expected = [f"{header}/{version}" for version in versions]
    if len(versions) != 1:
        yield Finding(path, header, f"The ontology has {len(versions)} versions", "State one owl:versionInfo")
    elif [str(iri) for iri in graph.objects(header, OWL.versionIRI)] != expected:
        remedy = f"State owl:versionIRI <{expected[0]}>"
        yield Finding(path, header, "The version IRI does not follow from IRI and version", remedy)
