"""The characters of names, which SPARQL, Turtle and XML share, and those that XML lacks."""

__all__ = ["NAME_MORE", "NAME_START", "NO_CHARACTER"]

#: The inside of a character class: PN_CHARS_BASE, ``[164]`` of
#: https://www.w3.org/TR/sparql11-query/#rPN_CHARS_BASE; with ``_`` and ``:`` it is NameStartChar of
#: https://www.w3.org/TR/xml/#NT-NameStartChar.
NAME_START = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)

#: What else may follow, apart from punctuation.
NAME_MORE = "0-9\u00b7\u0300-\u036f\u203f-\u2040"

#: The inside of a character class: what is no character of XML 1.1 (https://www.w3.org/TR/xml11/#NT-Char), surrogates
#: aside, which no literal has.
NO_CHARACTER = "\0\ufffe\uffff"
