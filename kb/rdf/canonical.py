"""The canonical Turtle form of a graph: one text for all isomorphic graphs, one statement per line."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from pyoxigraph import BlankNode, Literal, NamedNode

from kb.namespaces import OWL, PREFIXES, RDF, SOURCE, XSD, is_passage
from kb.rdf.blank_nodes import label_blank_nodes, parents_of_blank_nodes
from kb.rdf.characters import NAME_MORE, NAME_START
from kb.rdf.terms import Rdf11Statement, Rdf11Term, Subject

__all__ = ["passage_prefixes", "write_statements"]

_TYPE, _FIRST, _REST, _NIL = (NamedNode(iri) for iri in (RDF.type, RDF.first, RDF.rest, RDF.nil))
_ONTOLOGY, _AXIOM = (NamedNode(iri) for iri in (OWL.Ontology, OWL.Axiom))
_ANNOTATED = tuple(NamedNode(iri) for iri in (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget))
_STRING = XSD.string

_INDENT = "    "
#: A list of plain terms is written on one line up to this width, else one member per line.
_LIST_WIDTH = 80

# PN_CHARS_BASE, PN_CHARS_U, PN_CHARS and PN_LOCAL (https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL),
# without PLX: a local name that needs an escape is written as a full IRI.
_CHARS = f"{NAME_START}_\\-{NAME_MORE}"
_LOCAL = re.compile(f"[{NAME_START}_:0-9](?:[{_CHARS}.:]*[{_CHARS}:])?")
# A part of PN_PREFIX, enough for the identifiers of source documents.
_PREFIX = re.compile("[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")

#: Lexical forms that are canonical in XML Schema 1.0 and that Turtle's short forms preserve
#: (https://www.w3.org/TR/turtle/#abbrev): a number such as ``01`` is written in full, so that it stands out.
_SHORT = {
    XSD.boolean: re.compile("true|false"),
    XSD.integer: re.compile("0|-?[1-9][0-9]*"),
    XSD.decimal: re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]|(?:0|-?[1-9][0-9]*)\.0"),
    XSD.double: re.compile(r"-?[1-9]\.(?:[0-9]*[1-9]|0)E(?:0|-?[1-9][0-9]*)"),
}

#: The characters to escape: those that the grammar requires (STRING_LITERAL_QUOTE), and invisible ones: control and
#: format characters, line separators and the no-break space. A fixed list, since Unicode's own categories grow.
_ESCAPED = re.compile(
    '["\\\\\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\uffff]'
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f"}

_Key = tuple[int, str, str, str]


def write_statements(statements: set[Rdf11Statement], own: Mapping[str, str] | None = None) -> str:
    """Return the canonical Turtle text of a graph; the empty graph is the empty text.

    :param own: prefixes of a file that is not the project's, which come before the project's; where one in use is not
        among the project's, all in use are declared by name
    """
    return _Document(*label_blank_nodes(statements), own).text()


def passage_prefixes(iris: Iterable[str]) -> dict[str, str]:
    """Return prefix -> namespace for the passages among some IRIs, sorted.

    Passage ``https://w3id.org/ammtc/source/nst-2025-09-12#p7`` has the prefix of its document, ``nst-2025-09-12``.
    A document has none if Turtle does not allow its identifier as a prefix, or if another prefix has that name.
    """
    documents = {iri.partition("#")[0].removeprefix(SOURCE) for iri in iris if is_passage(iri)}
    return {name: f"{SOURCE}{name}#" for name in sorted(documents) if _PREFIX.fullmatch(name) and name not in PREFIXES}


class _Names:
    """Terms as Turtle writes them, and the prefixes that they use."""

    def __init__(
        self, statements: set[Rdf11Statement], labels: dict[BlankNode, str], own: Mapping[str, str] | None
    ) -> None:
        terms = {term for statement in statements for term in statement}
        iris = {term.value for term in terms if isinstance(term, NamedNode)}
        self._ours = PREFIXES | passage_prefixes(iris)
        self._prefixes = {**self._ours, **(own or {})}
        self._by_namespace = {namespace: prefix for prefix, namespace in self._prefixes.items()}
        self._by_namespace |= {namespace: prefix for prefix, namespace in sorted((own or {}).items(), reverse=True)}
        #: Namespaces of a file that end within what is otherwise a local name, longest first.
        self._odd = sorted((n for n in (own or {}).values() if n[-1:] not in "/#"), key=len, reverse=True)
        self._used: set[str] = set()
        self._labels = labels
        self._texts: dict[Rdf11Term, str] = {}

    def __getitem__(self, term: Rdf11Term) -> str:
        """Return the text of a term, for example ``id:ammtc-19`` or ``"19th"@en``; nested blank nodes have none."""
        text = self._texts.get(term)
        if text is None:
            text = self._texts[term] = self._write(term)
        return text

    def declarations(self) -> list[str]:
        """Return the lines that declare the prefixes used so far."""
        declared = {prefix: namespace for prefix, namespace in self._prefixes.items() if prefix in self._used}
        if not declared.items() <= self._ours.items():
            declared = dict(sorted(declared.items()))
        return [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in declared.items()]

    def _write(self, term: Rdf11Term) -> str:
        if isinstance(term, NamedNode):
            return self._iri(term.value)
        if isinstance(term, BlankNode):
            return f"_:{self._labels[term]}"
        return self._literal(term)

    def _iri(self, iri: str) -> str:
        # No local name holds "/" or "#", so at most one of the other namespaces can match.
        odd = next((n for n in self._odd if iri.startswith(n) and _LOCAL.fullmatch(iri, len(n))), None)
        end = len(odd) if odd else max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._by_namespace.get(iri[:end])
        if prefix is None or not _LOCAL.fullmatch(iri, end) or _ESCAPED.search(iri, end):
            return f"<{_escape(iri)}>"
        self._used.add(prefix)
        return f"{prefix}:{iri[end:]}"

    def _literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        if literal.language:
            return f'"{_escape(literal.value)}"@{literal.language}'
        if datatype == _STRING:
            return f'"{_escape(literal.value)}"'
        if datatype in _SHORT and _SHORT[datatype].fullmatch(literal.value):
            return literal.value
        return f'"{_escape(literal.value)}"^^{self._iri(datatype)}'


class _Document:
    """The blocks of one file."""

    def __init__(
        self, statements: set[Rdf11Statement], labels: dict[BlankNode, str], own: Mapping[str, str] | None
    ) -> None:
        self._names = _Names(statements, labels, own)
        self._labels = labels
        self._pairs: defaultdict[Subject, list[tuple[NamedNode, Rdf11Term]]] = defaultdict(list)
        for s, p, o in statements:
            self._pairs[s].append((p, o))
        self._parents = {
            node: parent for node, parent in parents_of_blank_nodes(statements).items() if node not in labels
        }
        self._nested: dict[BlankNode, list[str]] = {}
        self._cells: set[BlankNode] = set()

    def text(self) -> str:
        """Return the whole file."""
        if not self._pairs:
            return ""
        self._nest()
        blocks = ["\n".join(lines) for lines in self._blocks()]
        return "\n\n".join(["\n".join(self._names.declarations()), *blocks]).lstrip("\n") + "\n"

    def _blocks(self) -> list[list[str]]:
        axioms, others = self._roots()
        subjects = {node for node in self._pairs if isinstance(node, NamedNode)} | axioms.keys()
        blocks: list[list[str]] = []
        for subject in sorted(subjects, key=lambda s: ((_TYPE, _ONTOLOGY) not in self._pairs.get(s, ()), s.value)):
            if subject in self._pairs:
                blocks.append(self._block(self._names[subject], subject))
            blocks += (self._block("[]", node) for node in sorted(axioms.get(subject, ()), key=self._axiom_key))
        blocks += sorted(self._block("[]", node) for node in others)
        blocks += sorted(self._block(self._names[node], node) for node in self._labels if node in self._pairs)
        return blocks

    def _roots(self) -> tuple[dict[NamedNode, list[BlankNode]], list[BlankNode]]:
        """Return the blank nodes that nothing refers to: axioms by the IRI they annotate, and the others."""
        axioms: defaultdict[NamedNode, list[BlankNode]] = defaultdict(list)
        others: list[BlankNode] = []
        for node, pairs in self._pairs.items():
            if not isinstance(node, BlankNode) or node in self._parents or node in self._labels:
                continue
            sources = [o for p, o in pairs if p == _ANNOTATED[0]]
            if (_TYPE, _AXIOM) in pairs and len(sources) == 1 and isinstance(sources[0], NamedNode):
                axioms[sources[0]].append(node)
            else:
                others.append(node)
        return axioms, others

    def _axiom_key(self, node: BlankNode) -> tuple[list[_Key], list[_Key], list[str]]:
        properties, targets = (
            sorted(self._object_key(o) for p, o in self._pairs[node] if p == wanted) for wanted in _ANNOTATED[1:]
        )
        return properties, targets, self._lines_of_pairs(node)

    def _block(self, name: str, node: Subject) -> list[str]:
        return [name, *_indented([*self._lines_of_pairs(node), "."])]

    def _lines_of_pairs(self, node: Subject) -> list[str]:
        lines: list[str] = []
        pairs = self._pairs.get(node, ())
        for p, o in sorted(pairs, key=lambda pair: (pair[0] != _TYPE, pair[0].value, self._object_key(pair[1]))):
            verb = "a" if p == _TYPE else self._names[p]
            first, *rest = self._lines(o)
            lines += (f"{verb} {first}", *rest)
            lines[-1] += " ;"
        return lines

    def _object_key(self, term: Rdf11Term) -> _Key:
        if isinstance(term, NamedNode):
            return 0, term.value, "", ""
        if isinstance(term, Literal):
            return 1, term.value, term.language or "", term.datatype.value
        return 2, "\n".join(self._lines(term)), "", ""

    def _lines(self, term: Rdf11Term) -> Sequence[str]:
        """Return the lines of an object; only a nested blank node or a long list takes several."""
        if isinstance(term, BlankNode) and term in self._parents:
            return self._nested[term]
        if term == _NIL:
            return ("()",)
        return (self._names[term],)

    def _nest(self) -> None:
        """Write the nested blank nodes, innermost first: without recursion, however deep they are."""
        sorter = TopologicalSorter[Subject]()
        for node, parent in self._parents.items():
            sorter.add(parent, node)
        order = [node for node in sorter.static_order() if isinstance(node, BlankNode) and node in self._parents]
        for node in order:
            if self._is_cell(node):
                self._cells.add(node)
        for node in order:
            if node not in self._cells:
                self._nested[node] = self._brackets(node)
            elif not self._is_tail(node):
                self._nested[node] = self._parentheses(node)

    def _is_cell(self, node: BlankNode) -> bool:
        """Return whether a nested node is part of a well-formed list; its rest must have been checked before."""
        pairs = dict(self._pairs.get(node, ()))
        rest = pairs.get(_REST)
        return (
            pairs.keys() == {_FIRST, _REST}
            and len(self._pairs[node]) == len(pairs)
            and (rest == _NIL or (isinstance(rest, BlankNode) and rest in self._cells))
        )

    def _is_tail(self, node: BlankNode) -> bool:
        parent = self._parents[node]
        return parent in self._cells and (_REST, node) in self._pairs[parent]

    def _brackets(self, node: BlankNode) -> list[str]:
        lines = self._lines_of_pairs(node)
        return ["[", *lines, "]"] if lines else ["[]"]

    def _parentheses(self, head: Rdf11Term) -> list[str]:
        members: list[Sequence[str]] = []
        while isinstance(head, BlankNode):
            cell = dict(self._pairs[head])
            members.append(self._lines(cell[_FIRST]))
            head = cell[_REST]
        if _fits_on_a_line(members):
            return [f"( {' '.join(member[0] for member in members)} )"]
        return ["(", *(line for member in members for line in member), ")"]


def _fits_on_a_line(members: Collection[Sequence[str]]) -> bool:
    width = sum(len(member[0]) + 1 for member in members) + len("( )")
    return width <= _LIST_WIDTH and all(len(member) == 1 for member in members)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    """Indent a block by its brackets; no term begins with a closing one or ends with an opening one."""
    depth = 1
    for line in lines:
        depth -= line[0] in "])"
        yield _INDENT * depth + line
        depth += line[-1] in "[("


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", text)
