"""Search over labels: whole words, beginnings of words and near spellings, in any case and without diacritics."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, takewhile

from rapidfuzz import fuzz, process

from kb.folding import folded_words

__all__ = ["Hit", "SearchIndex"]

_LONGEST_QUERY = 200
_SHORTEST_PREFIX = 3
_SHORTEST_NEAR = 5
_NEAR = 84.0
_WEAKEST = 0.35


@dataclass(frozen=True)
class Hit:
    """A match.

    :param key: what the text was entered for, an IRI or the name of a question
    :param text: the text that fits best
    :param score: how well it fits, without a unit
    """

    key: str
    text: str
    score: float


class SearchIndex:
    """An index over short texts.

    :param entries: (key, text) pairs; a key may have several texts
    """

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._entries = [(key, text, tuple(folded_words(text))) for key, text in dict.fromkeys(entries)]
        self._postings: dict[str, set[int]] = defaultdict(set)
        for position, (_, _, words) in enumerate(self._entries):
            for word in words:
                self._postings[word].add(position)
        self._words = sorted(self._postings)

    def find(self, query: str, limit: int = 50, *, typing: bool = False) -> list[Hit]:
        """Return the best matches first, each key once.

        :param typing: the last word may be any beginning of a word, and all words must fit
        """
        scores: dict[int, float] = defaultdict(float)
        sought = list(dict.fromkeys(folded_words(query[:_LONGEST_QUERY])))
        for place, word in enumerate(sought):
            found = self._matches(word, 1 if typing and place == len(sought) - 1 else _SHORTEST_PREFIX)
            if typing and place:
                scores = defaultdict(float, {position: scores[position] for position in found if position in scores})
            for position, weight in found.items():
                if not typing or not place or position in scores:
                    scores[position] += weight
        hits: dict[str, Hit] = {}
        for position, score in scores.items():
            key, text, words = self._entries[position]
            hit = Hit(key, text, score / math.sqrt(1 + 0.2 * len(words)))
            if key not in hits or hit.score > hits[key].score:
                hits[key] = hit
        best = sorted(hits.values(), key=lambda hit: (-hit.score, hit.text))[:limit]
        return [hit for hit in best if hit.score >= _WEAKEST * best[0].score]

    def _matches(self, word: str, shortest_prefix: int) -> dict[int, float]:
        """Return the weight of a word, or one like it, for each entry that has it: rare words weigh more."""
        found: dict[int, float] = {}
        for other, likeness in self._like(word, shortest_prefix).items():
            weight = likeness * math.log(1 + len(self._entries) / len(self._postings[other]))
            for position in self._postings[other]:
                found[position] = max(found.get(position, 0.0), weight)
        return found

    def _like(self, word: str, shortest_prefix: int) -> dict[str, float]:
        like = {word: 1.0} if word in self._postings else {}
        if len(word) >= shortest_prefix:
            following = islice(self._words, bisect_left(self._words, word), None)  # sorted: they stand together
            like |= {
                other: 0.7 for other in takewhile(lambda found: found.startswith(word), following) if other != word
            }
        if not like and len(word) >= _SHORTEST_NEAR:
            near = process.extract(word, self._words, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=5)
            like = {other: 0.5 for other, _, _ in near}
        return like
