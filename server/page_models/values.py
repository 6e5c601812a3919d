"""Long lists of the values of one property, or of the subjects that have a thing as its value, page by page."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kb.rdf.terms import Term
from server.stored_queries.lookups import text_of

__all__ = ["Place", "Statements"]

#: Characters of a text by which it has its place in the list.
_LONGEST_KEY = 200


@dataclass(frozen=True)
class Place:
    """A place in a list that is in the order of texts.

    :param text: the beginning of a text, behind which it is
    :param past: how many with this beginning are before the place, or 0 for all of them
    """

    text: str = ""
    past: int = 0


@dataclass(frozen=True)
class Statements:
    """The statements with one property about a thing, or with it as their value.

    :param union: named graphs have statements that the default graph of the store lacks
    :param backwards: the thing is the value
    """

    store: Store
    thing: NamedNode
    predicate: NamedNode
    union: bool
    backwards: bool

    def page(self, place: Place, size: int) -> tuple[list[Term], Place | None]:
        """Return the other terms of the statements behind a place, and the place of the next page if there is one.

        All statements are looked at, but no more of them are kept than the page shows.
        """
        behind = (
            (key, term)
            for term in self._terms()
            if (key := _key(term))[0] > place.text or (place.past and key[0] == place.text)
        )
        found = nsmallest(place.past + size + 1, behind, key=lambda pair: pair[0])
        of_place = sum(key[0] == place.text for key, _ in found)
        shown = found[min(place.past, of_place) :][: size + 1]
        if len(shown) <= size:
            return [term for _, term in shown], None
        last = shown[size - 1][0][0]
        past = sum(key[0] == last for key, _ in found[: found.index(shown[size])])
        return [term for _, term in islice(shown, size)], Place(last, past)

    def _terms(self) -> Iterator[Term]:
        return (quad.subject if self.backwards else quad.object for quad in self._quads())

    def _quads(self) -> Iterator[Quad]:
        """Yield each statement once: an index holds those of one triple in several named graphs together."""
        subject, value = (None, self.thing) if self.backwards else (self.thing, None)
        yield from self.store.quads_for_pattern(subject, self.predicate, value, DefaultGraph())
        if not self.union:
            return
        former: tuple[Term, Term] | None = None
        for quad in self.store.quads_for_pattern(subject, self.predicate, value):
            ends = quad.subject, quad.object
            in_default = Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
            if ends != former and in_default not in self.store:
                yield quad
            former = ends


def _key(term: Term) -> tuple[str, str]:
    """Return the place of a term in the order; long terms that begin alike are in the order of their digests."""
    text, whole = text_of(term), str(term)
    if len(whole) <= 2 * _LONGEST_KEY:
        return text[:_LONGEST_KEY], whole
    return text[:_LONGEST_KEY], hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()
