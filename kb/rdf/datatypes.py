"""The datatypes of XML Schema as OWL 2 RL uses them: lexical forms, canonical forms and value spaces."""

import math
import re
import struct
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import cache, lru_cache

from rdflib import Literal, URIRef
from rdflib.namespace import RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.characters import NAME_MORE, NAME_START, NO_CHARACTER
from kb.rdf.xml_literals import read_fragment

__all__ = [
    "DIRECTION",
    "belongs",
    "canonical",
    "datatype_named",
    "datatype_of",
    "differ",
    "is_comparable",
    "is_contained",
    "is_datatype",
    "is_well_formed",
    "plain_form",
    "subtypes",
    "supertypes",
    "value_key",
]

#: What stands between a language tag and a base direction, as in Turtle 1.2: ``"x"@ar--rtl``. rdflib has no direction;
#: `kb.rdf.convert.to_node` keeps it behind the tag.
DIRECTION = "--"

#: Datatype -> the datatype that it restricts directly (https://www.w3.org/TR/xmlschema11-2/#built-in-datatypes).
_RESTRICTS = {
    XSD.integer: XSD.decimal,
    XSD.long: XSD.integer,
    XSD.int: XSD.long,
    XSD.short: XSD.int,
    XSD.byte: XSD.short,
    XSD.nonNegativeInteger: XSD.integer,
    XSD.positiveInteger: XSD.nonNegativeInteger,
    XSD.unsignedLong: XSD.nonNegativeInteger,
    XSD.unsignedInt: XSD.unsignedLong,
    XSD.unsignedShort: XSD.unsignedInt,
    XSD.unsignedByte: XSD.unsignedShort,
    XSD.nonPositiveInteger: XSD.integer,
    XSD.negativeInteger: XSD.nonPositiveInteger,
    XSD.normalizedString: XSD.string,
    XSD.token: XSD.normalizedString,
    XSD.language: XSD.token,
    XSD.Name: XSD.token,
    XSD.NCName: XSD.Name,
    XSD.NMTOKEN: XSD.token,
    XSD.dateTimeStamp: XSD.dateTime,
}

# rdflib looks a name of a namespace up each time, and compares IRIs that are not one object in Python.
_STRING, _DECIMAL_NUMBER, _RDFS_LITERAL = XSD.string, XSD.decimal, RDFS.Literal
_LANG_STRING, _PLAIN_LITERAL, _XML_LITERAL = RDF.langString, RDF.PlainLiteral, RDF.XMLLiteral
_DIR_LANG_STRING = URIRef(f"{RDF}dirLangString")  # of RDF 1.2

#: Smallest and largest value of the integer datatypes, None for unbounded.
_BOUNDS: dict[URIRef, tuple[int | None, int | None]] = {
    XSD.integer: (None, None),
    XSD.long: (-(2**63), 2**63 - 1),
    XSD.int: (-(2**31), 2**31 - 1),
    XSD.short: (-(2**15), 2**15 - 1),
    XSD.byte: (-(2**7), 2**7 - 1),
    XSD.nonNegativeInteger: (0, None),
    XSD.positiveInteger: (1, None),
    XSD.unsignedLong: (0, 2**64 - 1),
    XSD.unsignedInt: (0, 2**32 - 1),
    XSD.unsignedShort: (0, 2**16 - 1),
    XSD.unsignedByte: (0, 2**8 - 1),
    XSD.nonPositiveInteger: (None, 0),
    XSD.negativeInteger: (None, -1),
}

# The productions of https://www.w3.org/TR/xmlschema11-2/#dt-dt-7PropMod and of XML 1.0's Name, without white space
# around them: RDF applies no white space processing (https://www.w3.org/TR/rdf11-concepts/#section-Datatypes).
# Characters are those of XML 1.1, which XML Schema 1.1 allows besides those of XML 1.0: few texts are no strings then.
_YEAR, _MONTH, _DAY = "-?(?:[1-9][0-9]{3,}|0[0-9]{3})", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_BASE64 = "[A-Za-z0-9+/]"
_LANGUAGE = "[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"
_START = f"_{NAME_START}"
_REST = f"{_START}.{NAME_MORE}-"
_LEXICAL = {
    XSD.boolean: "true|false|1|0",
    XSD.decimal: _DECIMAL,
    **dict.fromkeys(_BOUNDS, "[+-]?[0-9]+"),
    **dict.fromkeys((XSD.double, XSD.float), f"{_DECIMAL}(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN"),
    XSD.string: f"[^{NO_CHARACTER}]*",
    XSD.normalizedString: f"[^\t\n\r{NO_CHARACTER}]*",
    XSD.token: f"(?:[^ \t\n\r{NO_CHARACTER}]+(?: [^ \t\n\r{NO_CHARACTER}]+)*)?",
    XSD.language: _LANGUAGE,
    XSD.Name: f"[:{_START}][:{_REST}]*",
    XSD.NCName: f"[{_START}][{_REST}]*",
    XSD.NMTOKEN: f"[:{_REST}]+",
    XSD.anyURI: f"[^{NO_CHARACTER}]*",  # every text: https://www.w3.org/TR/xmlschema11-2/#anyURI
    XSD.hexBinary: "(?:[0-9a-fA-F]{2})*",
    XSD.base64Binary: f"(?:(?:{_BASE64} ?){{4}})*(?:(?:{_BASE64} ?){{3}}{_BASE64}"
    f"|(?:{_BASE64} ?){{2}}[AEIMQUYcgkosw048] ?=|{_BASE64} ?[AQgw] ?= ?=)?",
    XSD.dateTime: f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}?",
    XSD.dateTimeStamp: f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    XSD.date: f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}?",
    XSD.time: f"{_TIME}{_ZONE}?",
    XSD.gYear: f"{_YEAR}{_ZONE}?",
    XSD.gYearMonth: f"{_YEAR}-{_MONTH}{_ZONE}?",
    XSD.gMonth: f"--{_MONTH}{_ZONE}?",
    XSD.gMonthDay: f"--{_MONTH}-{_DAY}{_ZONE}?",
    XSD.gDay: f"---{_DAY}{_ZONE}?",
    RDF.langString: r"[\s\S]*",
    _DIR_LANG_STRING: r"[\s\S]*",
    RDF.PlainLiteral: rf"[\s\S]*@(?:{_LANGUAGE})?",  # https://www.w3.org/TR/rdf-plain-literal/
    RDF.XMLLiteral: r"[\s\S]*",
}
_compiled = cache(re.compile)  # on first use: the patterns of names take longer to compile than a file to read


def datatype_of(literal: Literal) -> URIRef:
    """Return the datatype of a literal, also of one without datatype or with a language tag.

    See https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal.
    """
    if literal.language:
        return _DIR_LANG_STRING if DIRECTION in literal.language else _LANG_STRING
    return literal.datatype or _STRING


@lru_cache(maxsize=1024)
def datatype_named(iri: str) -> URIRef:
    """Return a datatype, the same object each time where it is known here: comparing it costs little then."""
    return _BY_IRI.get(iri) or URIRef(iri)


@lru_cache(maxsize=1024)
def supertypes(datatype: URIRef) -> tuple[URIRef, ...]:
    """Return the datatypes that contain all values of a datatype, nearest first, without the datatype itself.

    rdf:PlainLiteral, which contains xsd:string and rdf:langString, is left out: `is_contained` knows it.
    """
    base = _RESTRICTS.get(datatype)
    return () if base is None else (base, *supertypes(base))


def subtypes(datatype: URIRef) -> tuple[URIRef, ...]:
    """Return a datatype and those that contain only values of it."""
    parts = (_LANG_STRING, *subtypes(_STRING)) if datatype == _PLAIN_LITERAL else ()
    return (datatype, *parts, *(other for other in _LEXICAL if datatype in supertypes(other)))


@lru_cache(maxsize=1024)  # a literal is asked about several times in a row
def is_well_formed(lexical: str, datatype: URIRef) -> bool:
    """Return whether a lexical form denotes a value of a datatype; True for datatypes unknown here."""
    pattern = _LEXICAL.get(datatype)
    if pattern is None:
        return True
    return (
        _compiled(pattern).fullmatch(lexical) is not None
        and _in_bounds(lexical, datatype)
        and _is_a_day(lexical, datatype)
        and (datatype != _XML_LITERAL or read_fragment(lexical) is not None)
    )


def canonical(lexical: str, datatype: URIRef) -> str:
    """Return the canonical lexical form of a value (https://www.w3.org/TR/xmlschema-2/#canonical-lexical-representation).

    A form that is not well-formed, or of another datatype than numbers, truth values, times and binary data, is
    returned unchanged.
    """
    primitive = _primitive(datatype)
    if not is_well_formed(lexical, datatype) or primitive not in _CANONICAL:
        return lexical
    form = _CANONICAL[primitive](lexical)
    return form.removesuffix(".0") if datatype in _BOUNDS else form


def belongs(literal: Literal, datatype: URIRef) -> bool:
    """Return whether the value of a literal is in the value space of a datatype.

    True also for datatypes unknown here. An ill-formed literal belongs to no datatype (rule dt-not-type,
    https://www.w3.org/TR/owl2-profiles/#tab-rules-dt).
    """
    own = datatype_of(literal)
    if not is_well_formed(str(literal), own):
        return False
    return not {own, datatype} <= _KNOWN or is_contained(literal, datatype)


def is_contained(literal: Literal, datatype: URIRef) -> bool:
    """Return whether the value of a literal is known to be in the value space of a datatype (rule dt-type2)."""
    own = datatype_of(literal)
    if not is_well_formed(str(literal), own) or not is_comparable(own, datatype):
        return False
    if datatype in {own, _RDFS_LITERAL, _PLAIN_LITERAL} or datatype in supertypes(own):
        return True
    value = plain_form(literal) or literal
    kind = datatype_of(value)
    return _primitive(kind) == _primitive(datatype) and is_well_formed(_comparable(value), datatype)


def is_comparable(own: URIRef, datatype: URIRef) -> bool:
    """Return whether a value of one datatype can be known to be in the value space of another one."""
    if datatype in {own, _RDFS_LITERAL}:
        return True
    primitives = {_primitive(own), _primitive(datatype)}
    return {own, datatype} <= _KNOWN and (len(primitives) == 1 or primitives <= _PLAIN)


def differ(first: Literal, second: Literal) -> bool:
    """Return whether two literals are known to have different values (rule dt-diff, as for `belongs`)."""
    one, other = value_key(first), value_key(second)
    return one is not None and other is not None and one != other


def is_datatype(term: Node) -> bool:
    """Return whether a term is a datatype known here."""
    return term in _KNOWN or term == _RDFS_LITERAL


def plain_form(literal: Literal) -> Literal | None:
    """Return the literal without a datatype, or with a language tag, that has the same value, where there is one.

    A well-formed literal of xsd:string, or of one of its restrictions, has one, and so has one of rdf:PlainLiteral,
    which has its language tag behind the last ``@`` (https://www.w3.org/TR/rdf-plain-literal/).
    """
    own = datatype_of(literal)
    if not is_well_formed(str(literal), own):
        return None
    if own == _PLAIN_LITERAL:
        text, _, language = literal.rpartition("@")
        return Literal(text, lang=language or None)
    return Literal(str(literal)) if _primitive(own) == _STRING else None


def value_key(literal: Literal) -> tuple[str, ...] | None:
    """Return a key that two literals share exactly when they have the same value (rule dt-eq, as for `belongs`).

    The same value is the identical one (https://www.w3.org/TR/xmlschema11-2/#identity): 0 and -0 of xsd:double, and two
    times with different offsets that are the same moment, are equal, but are two values.

    None for ill-formed literals and for datatypes unknown here.
    """
    own = datatype_of(literal)
    if own not in _KNOWN or not is_well_formed(str(literal), own):
        return None
    value = plain_form(literal) or literal
    return str(_primitive(datatype_of(value))), (value.language or "").lower(), _comparable(value)


_KNOWN = frozenset(_LEXICAL)
_BY_IRI = {str(datatype): datatype for datatype in _LEXICAL}
_PRIMITIVES = {datatype: (datatype, *supertypes(datatype))[-1] for datatype in _LEXICAL}
#: The datatypes whose values have a day of a month.
_WITH_DAYS = frozenset({XSD.date, XSD.dateTime, XSD.dateTimeStamp, XSD.gMonthDay})
_DAY_OF_MONTH = re.compile("-?([0-9]*)-([0-9]{2})-([0-9]{2})")
#: rdf:PlainLiteral has the values of the other two.
_PLAIN = frozenset({_STRING, _LANG_STRING, _PLAIN_LITERAL})


def _primitive(datatype: URIRef) -> URIRef:
    return _PRIMITIVES.get(datatype, datatype)


def _comparable(literal: Literal) -> str:
    """Return a text that two well-formed literals of one primitive datatype share when they have the same value."""
    lexical, datatype = str(literal), datatype_of(literal)
    if datatype == _XML_LITERAL:
        return repr(read_fragment(lexical))
    form = canonical(lexical, datatype)
    return form.removesuffix(".0") if _primitive(datatype) == _DECIMAL_NUMBER else form


def _in_bounds(lexical: str, datatype: URIRef) -> bool:
    low, high = _BOUNDS.get(datatype, (None, None))
    return (low is None or Decimal(lexical) >= low) and (high is None or Decimal(lexical) <= high)


def _is_a_day(lexical: str, datatype: URIRef) -> bool:
    """Return whether the day exists in its month, of a leap year where no year is stated."""
    match = _DAY_OF_MONTH.match(lexical) if datatype in _WITH_DAYS else None
    return (
        match is None or match[3] < "29" or _exists(_same_leap_year(match[1] or "2000"), int(match[2]), int(match[3]))
    )


def _same_leap_year(year: str) -> int:
    """Return a year with the same days, one that Python has: none below 1 or above 9999."""
    return int(year[-4:].removeprefix("-")) % 400 + 400


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _canonical_decimal(lexical: str) -> str:
    whole, _, fraction = lexical.partition(".")
    digits = f"{whole.lstrip('+-').lstrip('0') or '0'}.{fraction.rstrip('0') or '0'}"
    return f"-{digits}" if whole.startswith("-") and digits != "0.0" else digits


def _canonical_double(lexical: str) -> str:
    return _in_digits(float(lexical), float)


def _canonical_float(lexical: str) -> str:
    return _in_digits(_single(lexical), _single)


def _in_digits(number: float, read: Callable[[str], float]) -> str:
    """Write a number with as few digits as it takes to read it again."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "INF" if number > 0 else "-INF"
    texts = (f"{number:.{digits}E}" for digits in range(17))
    sign, digits, exponent = Decimal(next(text for text in texts if read(text) == number)).as_tuple()
    power = int(exponent) + len(digits) - 1 if any(digits) else 0
    fraction = "".join(map(str, digits[1:])).rstrip("0") or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{power}"


def _single(lexical: str) -> float:
    """Return the number of single precision that is nearest (https://www.w3.org/TR/xmlschema11-2/#float)."""
    number = float(lexical)
    if math.isfinite(number) and number:
        exact = Decimal(lexical)
        if exact != Decimal(number) and not struct.unpack("q", struct.pack("d", number))[0] & 1:
            # Rounding twice is right if the first result is odd where it is not exact.
            number = math.nextafter(number, math.inf if exact > Decimal(number) else -math.inf)
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


def _canonical_time(lexical: str) -> str:
    """Write a zero offset as Z, year 0 without a sign, and the end of a day as the beginning of the next one.

    Zeros at the end of a fraction of a second are dropped.
    """
    zoned = re.sub(r"[+-]00:00$", "Z", lexical)
    short = re.sub(r"(\.[0-9]*?)0+(?=Z|[+-]|$)", lambda match: match[1].removesuffix("."), zoned)
    signed = short.removeprefix("-") if re.match("-0000(?:$|[^0-9])", short) else short
    day, end, rest = signed.rpartition("24:00:00")
    if not end:
        return signed
    return f"{_next_day(day.removesuffix('T'))}T00:00:00{rest}" if day else f"00:00:00{rest}"


def _next_day(day: str) -> str:
    year, month, number = day.rsplit("-", 2)
    following = date(_same_leap_year(year), int(month), int(number)) + timedelta(days=1)
    if following.year != _same_leap_year(year):
        after = Context(prec=len(year) + 1).add(Decimal(year), 1)  # Python reads no integer of more than 4,300 digits
        year = f"{'-' if after < 0 else ''}{f'{abs(after):f}'.zfill(4)}"
    return f"{year}-{following:%m-%d}"


_CANONICAL: dict[URIRef, Callable[[str], str]] = {
    XSD.boolean: lambda lexical: {"1": "true", "0": "false"}.get(lexical, lexical),
    XSD.decimal: _canonical_decimal,
    XSD.double: _canonical_double,
    XSD.float: _canonical_float,
    XSD.hexBinary: str.upper,
    XSD.base64Binary: lambda lexical: lexical.replace(" ", ""),
    **dict.fromkeys(
        (XSD.dateTime, XSD.date, XSD.time, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gMonthDay, XSD.gDay),
        _canonical_time,
    ),
}
