"""The Java side of `protege.owlapi`: runs in the process that holds the Java virtual machine.

Two versions of the OWL API are at work. The class path has the one under test. HermiT's archive contains an earlier one
and has a class loader of its own that does not see the class path; a closure goes over there as one OWL/XML text.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

import jpype
from jpype import JClass
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

from protege.catalog import CATALOG, read_catalog
from protege.closing import closing_axioms
from protege.model import Classification, Fact, JavaError, LoadedOntology, Profile, Statement

__all__ = ["classify", "load_closure", "profile_violations", "resave", "start"]

P = ParamSpec("P")
R = TypeVar("R")

#: An object or a class of Java.
Java = Any

_OWLAPI = "org.semanticweb.owlapi"
#: Java's messages can hold the reports of twenty parsers.
_MESSAGE_LENGTH = 2000
_REASONING_MS = 600_000
#: How many facts HermiT is asked about at once.
_GROUP = 100
#: In a minute of work the optimizing compiler and the threads of the other collectors take more than they give: twice.
_FRUGAL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def start(class_path: Sequence[Path]) -> None:
    """Start the virtual machine; whatever it might ask a web server for goes to a proxy that is not there."""
    jpype.startJVM("-Xmx2g", *_FRUGAL, classpath=[str(jar) for jar in class_path], convertStrings=True)
    nowhere = JClass("java.net.InetSocketAddress")("127.0.0.1", 1)
    JClass("java.net.ProxySelector").setDefault(JClass("java.net.ProxySelector").of(nowhere))


def _raises_java_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Make Java's exceptions, which cannot leave the process, into `JavaError`."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except jpype.JException as error:
            raise JavaError(str(error)[:_MESSAGE_LENGTH]) from None

    return call


@_raises_java_errors
def load_closure(root: Path) -> tuple[LoadedOntology, ...]:
    """See `protege.owlapi.OwlApi.load_closure`."""
    loaded = [_describe(ontology) for ontology in _load(root).getImportsClosure()]
    return tuple(sorted(loaded, key=lambda ontology: ontology.iri))


@_raises_java_errors
def profile_violations(root: Path, profile: Profile) -> tuple[str, ...]:
    """See `protege.owlapi.OwlApi.profile_violations`."""
    report = JClass(f"{_OWLAPI}.profiles.OWL2{profile}Profile")().checkOntology(_load(root))
    return tuple(sorted(str(violation) for violation in report.getViolations()))


@_raises_java_errors
def classify(
    root: Path, questions: Sequence[Statement], archive: Path, known: frozenset[Fact] | None
) -> Classification:
    """See `protege.owlapi.OwlApi.classify`; ``archive`` holds HermiT."""
    ontology = _load(root)
    loader = _class_loader(archive)
    hermit, older = _hermit(_merged(ontology), loader)
    if not hermit.isConsistent():
        return Classification(consistent=False)
    axioms = _Axioms(older, _kinds(ontology), loader)
    classes, individuals = older.getClassesInSignature(), older.getIndividualsInSignature()
    return Classification(
        consistent=True,
        unsatisfiable=tuple(sorted(_iris(hermit.getUnsatisfiableClasses().getEntitiesMinusBottom()))),
        superclasses={str(c.getIRI()): _iris(hermit.getSuperClasses(c, True).getFlattened()) for c in classes},
        types={str(i.getIRI()): _iris(hermit.getTypes(i, True).getFlattened()) for i in individuals},
        entailed=tuple(_entailed(hermit, axioms, questions)),
        unknown_facts=frozenset() if known is None else _unknown_facts(hermit, older, known, loader),
    )


@_raises_java_errors
def ask(root: Path, questions: Sequence[Statement], archive: Path) -> Classification:
    """See `protege.owlapi.OwlApi.ask`; ``archive`` holds HermiT."""
    ontology = _load(root)
    loader = _class_loader(archive)
    hermit, older = _hermit(_merged(ontology), loader)
    if not hermit.isConsistent():
        return Classification(consistent=False)
    axioms = _Axioms(older, _kinds(ontology), loader)
    entailed = tuple(not hermit.isSatisfiable(axioms.counterexample(question)) for question in questions)
    return Classification(consistent=True, entailed=entailed)


@_raises_java_errors
def resave(path: Path, add: Sequence[Statement]) -> str:
    """See `protege.owlapi.OwlApi.resave`.

    Protégé saves in the format that it read, except that it writes Turtle with the OWL API's own writer where the
    parser was RDF4J's (org.protege.editor.owl.model.DocumentFormatMapper).
    """
    ontology = _load(path)
    manager = ontology.getOWLOntologyManager()
    axioms = _Axioms(ontology, _kinds(ontology))
    turtle = JClass(f"{_OWLAPI}.formats.TurtleDocumentFormat")()
    turtle.copyPrefixesFrom(manager.getOntologyFormat(ontology))
    added = [axioms.annotated(statement) for statement in add]
    for axiom in added:
        manager.addAxiom(ontology, axiom)
    try:
        return _text(ontology, turtle)
    finally:
        for axiom in added:
            manager.removeAxiom(ontology, axiom)


@functools.lru_cache(maxsize=32)
def _load(root: Path) -> Java:
    """Load a file with its imports; whoever changes the ontology changes it back."""
    manager = JClass(f"{_OWLAPI}.apibinding.OWLManager").createOWLOntologyManager()
    iri = JClass(f"{_OWLAPI}.model.IRI")
    catalog = root.with_name(CATALOG)
    for name, file in (read_catalog(catalog) if catalog.exists() else {}).items():
        mapper = JClass(f"{_OWLAPI}.util.SimpleIRIMapper")(iri.create(name), iri.create(file.as_uri()))
        manager.getIRIMappers().add(mapper)
    source = JClass(f"{_OWLAPI}.io.FileDocumentSource")(JClass("java.io.File")(str(root)))
    missing = JClass(f"{_OWLAPI}.model.MissingImportHandlingStrategy").THROW_EXCEPTION
    configuration = JClass(f"{_OWLAPI}.model.OWLOntologyLoaderConfiguration")()
    configuration = configuration.setMissingImportHandlingStrategy(missing)
    return manager.loadOntologyFromOntologyDocument(source, configuration)


def _describe(ontology: Java) -> LoadedOntology:
    document = str(ontology.getOWLOntologyManager().getOntologyDocumentIRI(ontology))
    return LoadedOntology(
        iri=str(ontology.getOntologyID().getOntologyIRI().get()),
        path=Path(unquote(urlsplit(document).path)),
        imports=tuple(sorted(str(imported) for imported in ontology.getDirectImportsDocuments())),
        axioms=int(ontology.getAxiomCount()),
    )


def _text(ontology: Java, document_format: Java) -> str:
    stream = JClass("java.io.ByteArrayOutputStream")()
    ontology.getOWLOntologyManager().saveOntology(ontology, document_format, stream)
    return str(stream.toString("UTF-8"))


def _merged(ontology: Java) -> Java:
    merger = JClass(f"{_OWLAPI}.util.OWLOntologyMerger")(ontology.getOWLOntologyManager())
    manager = JClass(f"{_OWLAPI}.apibinding.OWLManager").createOWLOntologyManager()
    return merger.createMergedOntology(manager, None)


@functools.cache
def _class_loader(archive: Path) -> Java:
    platform = JClass("java.lang.ClassLoader").getPlatformClassLoader()
    return JClass("java.net.URLClassLoader").newInstance([JClass("java.net.URL")(archive.as_uri())], platform)


def _hermit(ontology: Java, loader: Java) -> tuple[Java, Java]:
    """Return HermiT with an ontology, which must have no imports, and the ontology in the OWL API that HermiT has."""
    older = functools.partial(JClass, loader=loader)
    source = older(f"{_OWLAPI}.io.StringDocumentSource")(
        _text(ontology, JClass(f"{_OWLAPI}.formats.OWLXMLDocumentFormat")())
    )
    manager = older(f"{_OWLAPI}.apibinding.OWLManager").createOWLOntologyManager()
    copy = manager.loadOntologyFromOntologyDocument(source)
    return _reasoner(copy, loader), copy


def _reasoner(ontology: Java, loader: Java) -> Java:
    configuration = JClass("org.semanticweb.HermiT.Configuration", loader=loader)()
    configuration.individualTaskTimeout = _REASONING_MS
    return JClass("org.semanticweb.HermiT.Reasoner", loader=loader)(configuration, ontology)


def _entailed(hermit: Java, axioms: "_Axioms", questions: Sequence[Statement]) -> Iterator[bool]:
    """Yield for each statement whether it follows.

    HermiT's own test of a fact first finds every fact that follows, which takes half a minute on a thousand things.
    """
    facts = [question for question in questions if axioms.is_fact(question)]
    groups = (facts[start : start + _GROUP] for start in range(0, len(facts), _GROUP))
    follow = {fact for group in groups for fact in _following(hermit, axioms, group)}
    for question in questions:
        yield question in follow if axioms.is_fact(question) else bool(hermit.isEntailed(axioms.plain(question)))


def _following(hermit: Java, axioms: "_Axioms", group: Sequence[Statement]) -> Iterator[Statement]:
    """Yield those of some facts that follow: all where nothing can contradict one of them, else look at each half."""
    if not hermit.isSatisfiable(axioms.counterexample(*group)):
        yield from group
    elif len(group) > 1:
        middle = len(group) // 2
        yield from _following(hermit, axioms, group[:middle])
        yield from _following(hermit, axioms, group[middle:])


def _unknown_facts(hermit: Java, ontology: Java, known: frozenset[Fact], loader: Java) -> frozenset[Fact]:
    """Return the facts that follow and are not known.

    There is none where the ontology has a model in which nothing but the known facts holds, which one test of
    consistency finds out. Only where there is no such model the facts are listed.
    """
    if _closed(ontology, known, loader):
        return frozenset()
    return frozenset(_facts(hermit, ontology)) - known


def _closed(ontology: Java, known: frozenset[Fact], loader: Java) -> bool:
    """Return whether an ontology is consistent with the claim that its individuals have no facts but the known ones."""
    manager = ontology.getOWLOntologyManager()
    axioms = closing_axioms(ontology, known, loader)
    manager.addAxioms(ontology, axioms)
    try:
        return bool(_reasoner(ontology, loader).isConsistent())
    finally:
        manager.removeAxioms(ontology, axioms)


def _facts(hermit: Java, ontology: Java) -> Iterator[Fact]:
    for property_ in ontology.getObjectPropertiesInSignature():
        for entry in hermit.getObjectPropertyInstances(property_).entrySet():
            for value in entry.getValue():
                yield str(entry.getKey().getIRI()), str(property_.getIRI()), str(value.getIRI())


def _iris(entities: Iterable[Java]) -> frozenset[str]:
    return frozenset(str(entity.getIRI()) for entity in entities)


def _kinds(ontology: Java) -> Callable[[URIRef], str]:
    """Return the function from a property's IRI to the kind of property that the closure declares it to be."""
    included = JClass(f"{_OWLAPI}.model.parameters.Imports").INCLUDED
    iri = JClass(f"{_OWLAPI}.model.IRI")

    def kind(term: URIRef) -> str:
        if ontology.containsObjectPropertyInSignature(iri.create(str(term)), included):
            return "object"
        return "data" if ontology.containsDataPropertyInSignature(iri.create(str(term)), included) else "annotation"

    return kind


class _Axioms:
    """Axioms of either version of the OWL API from statements."""

    def __init__(self, ontology: Java, kinds: Callable[[URIRef], str], loader: Java = None) -> None:
        self._factory = ontology.getOWLOntologyManager().getOWLDataFactory()
        self._iri = JClass(f"{_OWLAPI}.model.IRI", loader=loader)
        self._kinds = kinds
        self._of_hermit = loader is not None

    def plain(self, statement: Statement) -> Java:
        s, p, o = (statement.subject, statement.predicate, statement.object)
        make = self._factory
        if p == RDF.type:
            return make.getOWLClassAssertionAxiom(make.getOWLClass(self._create(o)), self._individual(s))
        if p == RDFS.subClassOf:
            return make.getOWLSubClassOfAxiom(*(make.getOWLClass(self._create(term)) for term in (s, o)))
        match self._kinds(p):
            case "object":
                property_ = make.getOWLObjectProperty(self._create(p))
                return make.getOWLObjectPropertyAssertionAxiom(property_, self._individual(s), self._individual(o))
            case "data":
                property_ = make.getOWLDataProperty(self._create(p))
                return make.getOWLDataPropertyAssertionAxiom(property_, self._individual(s), self._value(o))
            case _:
                property_ = make.getOWLAnnotationProperty(self._create(p))
                return make.getOWLAnnotationAssertionAxiom(property_, self._create(s), self._value(o))

    def is_fact(self, statement: Statement) -> bool:
        return self._kinds(statement.predicate) in {"object", "data"}

    def counterexample(self, *statements: Statement) -> Java:
        """Return the class whose members contradict a statement between named things: all follow if there can be none.

        For a fact that is what the subject itself is not, `{s} ⊓ ¬C`, `{s} ⊓ ¬{o}` or `{s} ⊓ ¬∃p.{o}`; for the value
        of a data property too, since HermiT's own test says of none that it follows.
        """
        return self._factory.getOWLObjectUnionOf([self._counterexample(statement) for statement in statements])

    def _counterexample(self, statement: Statement) -> Java:
        s, p, o = (statement.subject, statement.predicate, statement.object)
        make = self._factory
        where = (
            make.getOWLClass(self._create(s)) if p == RDFS.subClassOf else make.getOWLObjectOneOf(self._individual(s))
        )
        if p in {RDF.type, RDFS.subClassOf}:
            claim = make.getOWLClass(self._create(o))
        elif p == OWL.sameAs:
            claim = make.getOWLObjectOneOf(self._individual(o))
        elif self._kinds(p) == "data":
            claim = make.getOWLDataHasValue(make.getOWLDataProperty(self._create(p)), self._value(o))
        else:
            claim = make.getOWLObjectHasValue(make.getOWLObjectProperty(self._create(p)), self._individual(o))
        return make.getOWLObjectIntersectionOf(where, make.getOWLObjectComplementOf(claim))

    def annotated(self, statement: Statement) -> Java:
        axiom = self.plain(statement)
        if not statement.annotations:
            return axiom
        annotations = JClass("java.util.ArrayList")()
        for p, value in statement.annotations:
            property_ = self._factory.getOWLAnnotationProperty(self._create(p))
            annotations.add(self._factory.getOWLAnnotation(property_, self._value(value)))
        return axiom.getAnnotatedAxiom(annotations.stream())

    def _create(self, term: URIRef | Literal) -> Java:
        return self._iri.create(str(term))

    def _individual(self, term: URIRef | Literal) -> Java:
        return self._factory.getOWLNamedIndividual(self._create(term))

    def _value(self, term: URIRef | Literal) -> Java:
        if isinstance(term, URIRef):
            return self._create(term)
        # HermiT's OWL API reads a text of OWL/XML as an rdf:PlainLiteral without a language, not as an xsd:string.
        if term.language or (self._of_hermit and term.datatype in {None, XSD.string}):
            return self._factory.getOWLLiteral(str(term), term.language or "")
        datatype = self._factory.getOWLDatatype(self._iri.create(str(term.datatype))) if term.datatype else None
        return self._factory.getOWLLiteral(str(term), datatype) if datatype else self._factory.getOWLLiteral(str(term))
