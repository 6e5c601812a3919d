"""The compiled rules as updates of SPARQL 1.1, for stores that are fed without kb.

One request is one or more rounds. It copies what the store's named graphs assert, but annotations, into a graph of its
own, concludes there, and makes the graph of conclusions what follows so far and is neither asserted nor trivial. So it
can be sent again at any time; when that graph of its own grows no more, all that follows is there.

What follows from the ontology alone is written out. Blank nodes of the ontology and predicates inside long chains are
IRIs in the graph that the rules work in. https://www.w3.org/TR/sparql11-update/
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import Template

from pyoxigraph import BlankNode, NamedNode
from rdflib import URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.namespaces import DEFAULT_GRAPH, DISCOVERY, JUSTIFICATIONS, PREFIXES, PUBLICATION, shorten
from kb.rdf.datatypes import is_datatype, subtypes
from kb.reasoning.annotations import EXPRESSION, REFLEXIVE
from kb.reasoning.columns import Statements
from kb.reasoning.engine import Engine
from kb.reasoning.program import Row
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["working_graph", "write_updates"]

_TYPE, _THING = NUMBER_OF[RDF.type], NUMBER_OF[OWL.Thing]
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CLASS_POSITIONS = (RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range)

#: Graphs beside that of conclusions that a store may have and whose statements are not asserted about the world.
_NOT_ASSERTED = (JUSTIFICATIONS, DISCOVERY, DEFAULT_GRAPH, PUBLICATION)

_HEADER = Template("""\
# What follows by OWL 2 RL from what a store asserts, by the rules as they are compiled for one ontology.
#
# The store has the ontology and the data in named graphs. Send it this file as an update of SPARQL 1.1, again and again
# until this graph grows no more: <$working>
# In bash, with the addresses of the store for queries and for updates, and the name of this file:
#
#   count='SELECT (COUNT(*) AS ?n) { GRAPH <$working> { ?s ?p ?o } }'
#   until [ -n "$$now" ] && [ "$$now" = "$$before" ]; do
#     before=$$now
#     curl -sSf -H 'Content-Type: application/sparql-update' --data-binary @"$$FILE" "$$UPDATE" || exit 1
#     now=$$(curl -sSf -H 'Accept: text/csv' --data-urlencode "query=$$count" "$$QUERY") || exit 1
#   done
#
# Then <$inferred> has what follows and is not asserted.
# When statements were added, do so again. When some were removed, or the ontology has changed, first send
# DROP SILENT GRAPH <$working>
# That graph has copies of what is asserted. Drop it at the end where all graphs are the default graph of queries; the
# next time begins anew then. This request has $rounds.
""")

_COPY = Template("""\
# What is asserted, without annotations.
INSERT { GRAPH <$working> { ?s ?p ?o } }
WHERE {
  GRAPH ?g { ?s ?p ?o }
  FILTER(?g NOT IN ($others))
  FILTER(?p NOT IN ($silent))
  FILTER NOT EXISTS { GRAPH <$working> { ?s ?p ?o } }
  FILTER NOT EXISTS { GRAPH ?h { ?s a owl:Axiom } }
  FILTER NOT EXISTS { GRAPH ?h { ?s a owl:Annotation } }
} ;

# Which blank nodes write expressions and axioms, and are no individuals.
INSERT { GRAPH <$working> { ?s a <${inside}structure> } }
WHERE {
  VALUES ?v { $writing }
  GRAPH ?g { ?s ?v ?w }
  FILTER(isBlank(?s))
}""")

#: eq-sym, eq-trans, eq-rep-s, eq-rep-p and eq-rep-o: what is concluded, and from what.
_EQUALITY = (
    ("?y owl:sameAs ?x", "?x owl:sameAs ?y FILTER(!isLiteral(?y))"),
    ("?x owl:sameAs ?z", "?x owl:sameAs ?y . ?y owl:sameAs ?z FILTER(?x != ?y && ?y != ?z && ?x != ?z)"),
    ("?y ?p ?o", "?x owl:sameAs ?y FILTER(?x != ?y && !isLiteral(?y)) ?x ?p ?o"),
    ("?s ?y ?o", "?x owl:sameAs ?y FILTER(?x != ?y && isIRI(?y)) ?s ?x ?o"),
    ("?s ?p ?y", "?x owl:sameAs ?y FILTER(?x != ?y) ?s ?p ?x"),
)

#: That two are not one, and may be subjects.
_TWO = "FILTER(!isLiteral(?y) && !isLiteral(?z) && !sameTerm(?y, ?z))"

_PUBLISH = Template("""\
# What follows so far.
DELETE { GRAPH <$inferred> { ?s ?p ?o } }
WHERE {
  GRAPH <$inferred> { ?s ?p ?o }
  FILTER(
    NOT EXISTS { GRAPH <$working> { ?s ?p ?o } } ||
    EXISTS { GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN ($others)) }
  )
} ;
INSERT { GRAPH <$inferred> { ?s ?p ?o } }
WHERE {
  GRAPH <$working> { ?s ?p ?o }
  FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN ($others)) }
  FILTER(!STRSTARTS(STR(?s), "$inside") && !STRSTARTS(STR(?p), "$inside") && !STRSTARTS(STR(?o), "$inside"))
  FILTER(!(sameTerm(?s, ?o) && ?p IN ($reflexive)))
  FILTER(!(sameTerm(?o, owl:Thing) && ?p IN ($positions)))
  FILTER(!(sameTerm(?s, owl:Nothing) && ?p = rdfs:subClassOf))
  FILTER(!isBlank(?s) || NOT EXISTS { GRAPH <$working> { ?s a <${inside}structure> } })
  FILTER(!isBlank(?o) || NOT EXISTS { GRAPH <$working> { ?o a <${inside}structure> } })
}""")


def working_graph(inferred: str) -> str:
    """Return the IRI of the graph that the rules work in, from that of the graph of conclusions."""
    return f"{inferred}/working"


def write_updates(engine: Engine, conclusions: Statements, silent: Iterable[int], inferred: str, rounds: int) -> str:
    """Return the rules that an engine has compiled for an ontology as one request of SPARQL 1.1 Update.

    :param engine: has reasoned over the ontology
    :param conclusions: what follows from the ontology alone, without what is trivial
    :param silent: the annotation properties that no axiom is about
    :param inferred: IRI of the graph of conclusions
    :param rounds: how often the rules are applied in one request
    """
    return _Writer(engine, inferred).request(conclusions, silent, rounds)


@dataclass(frozen=True)
class _Writer:
    engine: Engine
    inferred: str

    def request(self, conclusions: Statements, silent: Iterable[int], rounds: int) -> str:
        working = working_graph(self.inferred)
        words = {
            "inferred": self.inferred,
            "working": working,
            "inside": self.inside,
            "others": ", ".join(f"<{graph}>" for graph in (self.inferred, working, *_NOT_ASSERTED)),
            "silent": ", ".join(sorted(map(self.term, silent))),
            "writing": " ".join(map(_word, EXPRESSION)),
            "reflexive": _words(REFLEXIVE),
            "positions": _words(_CLASS_POSITIONS),
            "rounds": "one round" if rounds == 1 else f"{rounds} rounds",
        }
        data = "\n".join(f"    {s} {p} {o} ." for s, p, o in self.facts(conclusions))
        updates = [_COPY.substitute(words), f"INSERT DATA {{\n  GRAPH <{working}> {{\n{data}\n  }}\n}}"]
        one_round = [_update(working, *rule) for rule in self.rules()]
        body = " ;\n\n".join([*updates, *one_round * rounds, _PUBLISH.substitute(words)])
        prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items() if re.search(rf"(?<![\w<]){p}:", body))
        prefixes += f"PREFIX rule: <{self.inside}>\n"
        return f"{_HEADER.substitute(words)}\n{prefixes}\n{body}\n"

    @property
    def inside(self) -> str:
        """How the IRIs begin that only the rules know."""
        return f"{working_graph(self.inferred)}#"

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield conclusion and premises of each rule, or each row of one, in an order in which one feeds the next."""
        yield from _EQUALITY
        for variables, rows, conclusion, premises in self._tables():
            if rows:
                values = " ".join(f"({' '.join(row)})" for row in rows)
                yield conclusion, f"VALUES ({variables}) {{ {values} }} {premises}"
        yield from self._joins()

    def facts(self, conclusions: Statements) -> Iterator[tuple[str, str, str]]:
        """Yield what follows from the ontology alone: its conclusions, and who is in a class without a name."""
        dictionary, layout = self.engine.dictionary, self.engine.layout
        types = self.engine.facts.of_predicate(_TYPE)
        members = zip(layout.subject(types).tolist(), layout.object(types).tolist(), strict=True)
        found = [(s, p, o) for s, p, o in conclusions.T.tolist() if not dictionary.is_blank(o)]
        found += [(s, _TYPE, c) for s, c in members if dictionary.is_blank(c)]
        for s, p, o in found:
            if not dictionary.is_blank(s) and not dictionary.is_literal(s):
                yield self.term(s), self.term(p), self.term(o)

    def term(self, number: int) -> str:
        """Return a term as SPARQL writes it; a blank node of the ontology is an IRI."""
        term = self.engine.dictionary.term(number)
        if isinstance(term, BlankNode):
            return f"rule:node{number}"
        return _word(term.value) if isinstance(term, NamedNode) else str(term)

    def predicate(self, number: int) -> str:
        """Return a predicate as SPARQL writes it, from its number as a predicate."""
        term = self.engine.predicates.terms()[number]
        return f"rule:chain{number}" if term is None else self.term(term)

    def _tables(self) -> Iterator[tuple[str, list[tuple[str, ...]], str, str]]:
        """Yield each rule with one premise about individuals: variables, their values, conclusion and premises."""
        t, p, of = self.term, self.predicate, self._rows
        rows: list[tuple[str, ...]]
        yield "?p ?q", [(p(n), p(q)) for n, (q,) in of("forward")], "?x ?q ?y", "?x ?p ?y"
        rows = [(p(n), p(q)) for n, (q,) in of("backward")]
        yield "?p ?q", rows, "?y ?q ?x", "?x ?p ?y FILTER(!isLiteral(?y))"
        yield "?p ?c", [(p(n), t(c)) for n, (c,) in of("domain")], "?x a ?c", "?x ?p ?y"
        yield "?p ?c", [(p(n), t(c)) for n, (c,) in of("range")], "?y a ?c", "?x ?p ?y FILTER(!isLiteral(?y))"
        yield "?c ?d", [(t(n), t(d)) for n, (d,) in self._rows_of_class("up")], "?x a ?d", "?x a ?c"
        rows = [(p(n), t(v), t(r)) for n, (v, r) in of("value")]
        yield "?p ?v ?c", rows, "?x a ?c", "?x ?p ?v"
        rows = [(t(n), p(q), t(v)) for n, (q, v) in self._rows_of_class("value")]
        yield "?c ?p ?v", rows, "?x ?p ?v", "?x a ?c"

    def _joins(self) -> Iterator[tuple[str, str]]:
        """Yield conclusion and premises of each rule with several premises about individuals."""
        t, p, of, program = self.term, self.predicate, self._rows, self.engine.program
        for n, (second, q) in of("chain"):
            yield f"?x {p(q)} ?z", f"?x {p(n)} ?y . ?y {p(second)} ?z"
        for whole, parts in program.intersections:
            yield f"?x a {t(whole)}", " . ".join(f"?x a {t(part)}" for part in parts)
        for n, (c, r) in of("some"):
            yield f"?x a {t(r)}", f"?x {p(n)} ?y {self._is_a('?y', c)}"
        for n, (r, c) in of("every"):
            yield f"?y a {t(c)}", f"?x a {t(r)} ; {p(n)} ?y FILTER(!isLiteral(?y))"
        for n, _ in of("functional"):
            yield "?y owl:sameAs ?z", f"?x {p(n)} ?y, ?z {_TWO}"
        for n, _ in of("inverse functional"):
            yield "?y owl:sameAs ?z", f"?y {p(n)} ?x . ?z {p(n)} ?x {_TWO}"
        for r, n, c in program.maxima:
            kinds = "" if c == _THING else f"{self._is_a('?y', c)} {self._is_a('?z', c)}"
            yield "?y owl:sameAs ?z", f"?x a {t(r)} ; {p(n)} ?y, ?z {kinds} {_TWO}"
        for keyed, properties in program.keys:
            values = " ; ".join(f"{p(n)} ?v{place}" for place, n in enumerate(properties))
            yield "?y owl:sameAs ?z", f"?y a {t(keyed)} ; {values} . ?z a {t(keyed)} ; {values} {_TWO}"

    def _is_a(self, variable: str, c: int) -> str:
        """Return the premise that something is in a class or, of a literal, that its datatype restricts the class."""
        term = self.engine.dictionary.node(c)
        if not isinstance(term, URIRef) or not is_datatype(term):
            return f". {variable} a {self.term(c)}"
        if term == RDFS.Literal:
            return f"FILTER(isLiteral({variable}))"
        return f"FILTER(isLiteral({variable}) && DATATYPE({variable}) IN ({_words(map(str, subtypes(term)))}))"

    def _rows(self, table: str) -> Iterator[tuple[int, Row]]:
        tables = self.engine.program.by_predicate.get(table, {})
        return ((number, row) for number, rows in tables.items() for row in rows)

    def _rows_of_class(self, table: str) -> Iterator[tuple[int, Row]]:
        tables = self.engine.program.by_class.get(table, {})
        return ((number, row) for number, rows in tables.items() for row in rows)


def _update(graph: str, conclusion: str, premises: str) -> str:
    """Return a rule as an update in a graph; a store that makes a default graph of all graphs may refuse ``WITH``."""
    return (
        f"INSERT {{ GRAPH <{graph}> {{ {conclusion} }} }}\n"
        f"WHERE {{ GRAPH <{graph}> {{ {premises} FILTER NOT EXISTS {{ {conclusion} }} }} }}"
    )


def _words(iris: Iterable[str]) -> str:
    return ", ".join(map(_word, iris))


def _word(iri: str) -> str:
    """Return an IRI as SPARQL writes it, with a prefix where that is safe."""
    prefix, colon, local = shorten(iri).partition(":")
    return f"{prefix}:{local}" if prefix in PREFIXES and colon and _LOCAL.fullmatch(local) else f"<{iri}>"
