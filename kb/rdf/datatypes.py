"""The datatypes of XML Schema as OWL 2 RL uses them: lexical forms, canonical forms and value spaces."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from rdflib import Literal, URIRef
from rdflib.namespace import RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.characters import NAME_MORE, NAME_START

__all__ = ["belongs", "canonical", "datatype_of", "differ", "is_datatype", "is_well_formed", "supertypes", "value_key"]

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
_YEAR, _MONTH, _DAY = "-?(?:[1-9][0-9]{3,}|0[0-9]{3})", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_START = f"_{NAME_START}"
_REST = f"{_START}.{NAME_MORE}-"
_LEXICAL = {
    XSD.boolean: "true|false|1|0",
    XSD.decimal: _DECIMAL,
    **dict.fromkeys(_BOUNDS, "[+-]?[0-9]+"),
    **dict.fromkeys((XSD.double, XSD.float), f"{_DECIMAL}(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN"),
    XSD.string: r"[\s\S]*",
    XSD.normalizedString: r"[^\t\n\r]*",
    XSD.token: r"(?:[^ \t\n\r]+(?: [^ \t\n\r]+)*)?",
    XSD.language: "[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    XSD.Name: f"[:{_START}][:{_REST}]*",
    XSD.NCName: f"[{_START}][{_REST}]*",
    XSD.NMTOKEN: f"[:{_REST}]+",
    XSD.anyURI: r'[^\x00-\x20<>"{}|\\^`]*',
    XSD.hexBinary: "(?:[0-9a-fA-F]{2})*",
    XSD.base64Binary: "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
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
}
_compiled = cache(re.compile)  # on first use: the patterns of names take longer to compile than a file to read


def datatype_of(literal: Literal) -> URIRef:
    """Return the datatype of a literal, also of one without datatype or with a language tag.

    See https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal.
    """
    if literal.language:
        return RDF.langString
    return literal.datatype or XSD.string


def supertypes(datatype: URIRef) -> tuple[URIRef, ...]:
    """Return the datatypes that contain all values of a datatype, nearest first, without the datatype itself."""
    base = _RESTRICTS.get(datatype)
    return () if base is None else (base, *supertypes(base))


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
    own, lexical = datatype_of(literal), str(literal)
    if not is_well_formed(lexical, own):
        return False
    if datatype in {own, RDFS.Literal, *supertypes(own)} or not {own, datatype} <= _KNOWN:
        return True
    if datatype == RDF.PlainLiteral:
        return _primitive(own) in {XSD.string, RDF.langString}
    if _primitive(own) != _primitive(datatype):
        return False
    return is_well_formed(_comparable(literal), datatype)


def differ(first: Literal, second: Literal) -> bool:
    """Return whether two literals are known to have different values (rule dt-diff, as for `belongs`)."""
    types = datatype_of(first), datatype_of(second)
    if not set(types) <= _KNOWN or not all(map(is_well_formed, (str(first), str(second)), types)):
        return False
    if _primitive(types[0]) != _primitive(types[1]) or first.language != second.language:
        return True
    return _comparable(first) != _comparable(second)


def is_datatype(term: Node) -> bool:
    """Return whether a term is a datatype known here."""
    return term in _KNOWN or term == RDFS.Literal


def value_key(literal: Literal) -> tuple[str, ...] | None:
    """Return a key that two literals share exactly when they have the same value (rule dt-eq, as for `belongs`).

    None for ill-formed literals and for datatypes unknown here.
    """
    own = datatype_of(literal)
    if own not in _KNOWN or not is_well_formed(str(literal), own):
        return None
    return str(_primitive(own)), (literal.language or "").lower(), _comparable(literal)


_KNOWN = {*_LEXICAL, RDF.PlainLiteral}


def _primitive(datatype: URIRef) -> URIRef:
    return (datatype, *supertypes(datatype))[-1]


def _comparable(literal: Literal) -> str:
    lexical, datatype = str(literal), datatype_of(literal)
    form = canonical(lexical, datatype)
    return form.removesuffix(".0") if _primitive(datatype) == XSD.decimal else form


def _in_bounds(lexical: str, datatype: URIRef) -> bool:
    low, high = _BOUNDS.get(datatype, (None, None))
    return (low is None or Decimal(lexical) >= low) and (high is None or Decimal(lexical) <= high)


def _is_a_day(lexical: str, datatype: URIRef) -> bool:
    """Return whether the day exists in its month, of a leap year where no year is stated."""
    if datatype == XSD.gMonthDay:
        return _exists(2000, int(lexical[2:4]), int(lexical[5:7]))
    if _primitive(datatype) not in {XSD.date, XSD.dateTime}:
        return True
    year, month, day = re.split("[-T]", lexical.removeprefix("-"), maxsplit=2)
    same_leap_year = int(year[-4:]) % 400 + 400  # Python has no year below 1 or above 9999
    return _exists(same_leap_year, int(month), int(day[:2]))


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
    if lexical.endswith(("INF", "NaN")):
        return lexical.removeprefix("+")
    sign, digits, exponent = Decimal(lexical).as_tuple()
    power = int(exponent) + len(digits) - 1 if any(digits) else 0
    fraction = "".join(map(str, digits[1:])).rstrip("0") or "0"
    return f"{'-' if sign else ''}{digits[0]}.{fraction}E{power}"


def _canonical_time(lexical: str) -> str:
    """Write a zero offset as Z and drop zeros at the end of a fraction of a second."""
    zoned = re.sub(r"[+-]00:00$", "Z", lexical)
    return re.sub(r"(\.[0-9]*?)0+(?=Z|[+-]|$)", lambda match: match[1].removesuffix("."), zoned)


_CANONICAL: dict[URIRef, Callable[[str], str]] = {
    XSD.boolean: lambda lexical: {"1": "true", "0": "false"}.get(lexical, lexical),
    XSD.decimal: _canonical_decimal,
    **dict.fromkeys((XSD.double, XSD.float), _canonical_double),
    XSD.hexBinary: str.upper,
    **dict.fromkeys(
        (XSD.dateTime, XSD.date, XSD.time, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gMonthDay, XSD.gDay),
        _canonical_time,
    ),
}
