"""Texts without what people write one way or another: upper case, marks on letters, white space."""

import re
import unicodedata

__all__ = ["fold", "folded_words"]

#: Letters that Unicode does not decompose into a plain one and a mark.
_PLAIN_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th"})
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Return a text in lower case, without diacritics, its words one space apart: ``Lương  Tam`` is ``luong tam``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def folded_words(text: str) -> list[str]:
    """Return the words of a text, folded and without punctuation."""
    return _WORD.findall(fold(text))
