"""Lexical forms by the thousand: seeds of each datatype, and what comes of changing a character or two in them."""

import random
from collections.abc import Iterator

from rdflib import RDF, XSD, URIRef

__all__ = ["INTEGER_TYPES", "NAMED_BY_OWL_2_RL", "forms"]

_INTEGERS = (
    *("0", "-0", "+0", "1", "-1", "+1", "007", "1.0", "1e3", "", "-", "127", "128", "-128", "-129", "255", "256"),
    *("32767", "32768", "-32768", "-32769", "65535", "65536", "2147483647", "2147483648", "-2147483648", "-2147483649"),
    *("4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808"),
    *("-9223372036854775809", "18446744073709551615", "18446744073709551616", "123456789012345678901234567890"),
)
_NUMBERS = (
    *("0", "-0", "+0", "1", "1.", ".5", "-.5", "+.5", ".", "0.0", "-0.0", "001.500", "1e0", "1E+3", "1.5e-3", ".5E2"),
    *("5.e1", "e1", "1e", "INF", "+INF", "-INF", "NaN", "-NaN", "+NaN", "inf", "nan", "Infinity", "1e400", "1e-400"),
    *("3.4028235e38", "3.4028236e38", "1e39", "1.4e-45", "1e-46", "16777217", "0.1", "0.10000000149011612", "0x1p3"),
    *("1.7976931348623157e308", "1.8e308", "4.9e-324", "123456789.123456789", "1_0", "1,5", "\u0661"),
)
_TEXTS = (
    *("", "a", " ", " a", "a ", "a  b", "a b", "a\tb", "a\nb", "a\rb", "é", "日本", "\U0001f600", "a\u00a0b", "\u0001"),
    *("en", "en-GB", "en_GB", "i-klingon", "x-private", "zh-Hant-TW", "abcdefghi", "a-abcdefghi", "1a", "en-", "-en"),
    *("name", "_name", ":name", "pre:name", "na.me", "na-me", ".name", "-name", "7name", "na me", "ñame", "\u0300a"),
    *("a\u0300", "a·b", "\u2070a", "\u203fa", "a\u203f", "http://example.org/", "https://example.org/{id}"),
    *(
        "http://example.org/a b",
        "http://e/?a=x|y",
        "\\",
        "^",
        "`",
        '"',
        "<",
        ">",
        "%",
        "%zz",
        "%41",
        "//",
        ":",
        "[::1]",
    ),
    *("http://[", "http://e:port/", "#a#b", "?", "urn:x"),
)
_BINARY = (
    "",
    "0",
    "00",
    "0aF9",
    "0g",
    "00 ",
    "0 0",
    "YQ==",
    "YQ=",
    "YR==",
    "YWI=",
    "YWJj",
    "YW Jj",
    "Y Q = =",
    "YWJ=",
    "=",
)
_YEARS = ("2025", "0000", "-0000", "0001", "-0001", "-0012", "9999", "10000", "010000", "-12345", "999", "2024", "1900")
_ZONES = ("", "Z", "+00:00", "-00:00", "+14:00", "-14:00", "+14:01", "+13:59", "-15:00", "z", "+1:00", "+01:60", "Z ")
_TIMES = (
    *(
        "00:00:00",
        "23:59:59",
        "23:59:60",
        "24:00:00",
        "24:00:00.000",
        "24:00:01",
        "12:60:00",
        "12:00",
        "12:00:00.",
        "9:00:00",
    ),
    *("12:00:00.5", "12:00:00.123456789012", "25:00:00", "12:00:00,5"),
)
_DAYS = ("02-28", "02-29", "02-30", "01-31", "04-31", "12-31", "13-01", "00-10", "01-00", "1-1")


def _dates() -> Iterator[str]:
    yield from (f"{year}-{day}" for year in _YEARS for day in _DAYS)
    yield from (f"2024-02-29{zone}" for zone in _ZONES)


def _date_times() -> Iterator[str]:
    yield from (f"{date}T12:00:00Z" for date in _dates())
    yield from (f"2024-12-31T{time}{zone}" for time in _TIMES for zone in _ZONES)
    yield from ("2024-02-28T24:00:00", "-0001-12-31T24:00:00Z", "9999-12-31T24:00:00", "2024-02-29 12:00:00Z", "")


INTEGER_TYPES = (
    *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
    *("negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
)
_TEXT_TYPES = ("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN", "anyURI")
_SEEDS: dict[URIRef, tuple[str, ...]] = {
    **{XSD[name]: _INTEGERS for name in INTEGER_TYPES},
    **{XSD[name]: _NUMBERS for name in ("decimal", "float", "double")},
    **{XSD[name]: _TEXTS for name in _TEXT_TYPES},
    XSD.boolean: ("true", "false", "1", "0", "TRUE", "True", "yes", "", "01", "+1"),
    XSD.hexBinary: _BINARY,
    XSD.base64Binary: _BINARY,
    XSD.dateTime: tuple(_date_times()),
    XSD.dateTimeStamp: tuple(_date_times()),
    XSD.date: tuple(_dates()),
    XSD.time: tuple(f"{time}{zone}" for time in _TIMES for zone in _ZONES),
    XSD.gYear: tuple(f"{year}{zone}" for year in _YEARS for zone in _ZONES),
    XSD.gYearMonth: tuple(f"{year}-{month}" for year in _YEARS for month in ("01", "12", "13", "00", "1", "01Z")),
    XSD.gMonth: ("--01", "--12", "--13", "--00", "--1", "--01--", "--12Z", "--12+14:00", "-12"),
    XSD.gMonthDay: tuple(f"--{day}{zone}" for day in _DAYS for zone in _ZONES),
    XSD.gDay: ("---01", "---31", "---32", "---00", "---1", "--01", "---31Z", "---31-14:00"),
}
#: The datatypes of https://www.w3.org/TR/owl2-profiles/#Entities_3.
NAMED_BY_OWL_2_RL = frozenset(
    {
        *(RDF.PlainLiteral, RDF.XMLLiteral),
        *(XSD[name] for name in (*INTEGER_TYPES, *_TEXT_TYPES, "decimal", "float", "double", "boolean", "hexBinary")),
        *(XSD.base64Binary, XSD.dateTime, XSD.dateTimeStamp),
    }
)
_CHANGES = 8
_OTHERS = "0159+-.:TZ eEaF=/_\u00e9\u0661\n"


def forms() -> list[tuple[URIRef, str]]:
    """Return datatypes with lexical forms, well-formed and not, the same in each run, each once."""
    chance = random.Random(2012)
    found = [
        (datatype, form)
        for datatype, seeds in _SEEDS.items()
        for seed in seeds
        for form in (seed, *(_changed(seed, chance) for _ in range(_CHANGES)))
    ]
    return list(dict.fromkeys(found))


def _changed(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.randint(0, len(text))
        end = min(len(text), place + chance.randint(0, 1))
        text = text[:place] + chance.choice(("", chance.choice(_OTHERS), text[place:end] * 2)) + text[end:]
    return text
