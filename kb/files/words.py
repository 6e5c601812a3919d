"""The words of a text that give a value: those of the source itself, a number, a date, a time, a name."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import chain

from kb.namespaces import AMMTC

__all__ = [
    "AS_GIVEN",
    "Span",
    "folded",
    "gives_date",
    "is_name",
    "numbers",
    "pattern_of_name",
    "spans_of_date",
    "spans_of_number",
]

#: Properties whose values are a source's own words.
AS_GIVEN = tuple(
    AMMTC[name]
    for name in (
        *("wording", "nameAsGiven", "titleAsGiven", "dateAsGiven", "abbreviation", "honorific", "rankTitle"),
        *("aimAsGiven", "byline", "headline", "section", "pageName", "relativeTime", "theme", "positionInPicture"),
    )
)
#: Where words begin in a text and where they end.
Span = tuple[int, int]

_QUOTES = str.maketrans("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "''''\"\"\"\"")
#: Names of no more letters than this are compared with regard to case: "US" is not "us".
_SHORT = 4
_UNITS = (
    *("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MAGNITUDES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_FIGURE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:\s+(thousand|million|billion|trillion)\b)?", re.IGNORECASE
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
#: What may stand between the parts of a date; "24-26 June" and "June 24 to 26" give the first or the last of some days.
_GAP = r"(?:,?\s+of\s+|[\s,./-]+)"
_TO = r"(?:st|nd|rd|th)?\s*(?:[\u2010-\u2014-]|to|and|until)\s*"
_TIME = re.compile(r"\d\d:\d\d")
_DAY = re.compile(r"(\d{4})?-{0,2}(\d\d)?-?(\d\d)?")
_NAME_OF_MONTH = rf"(?:{'|'.join(rf'{name}|{name[:4]}|{name[:3]}' for name in _MONTHS)})\b\.?"
_DAYS = rf"\d{{1,2}}(?:st|nd|rd|th)?(?:{_TO}\d{{1,2}}(?:st|nd|rd|th)?)?"
_DATED = re.compile(
    rf"(?<!\d)(?:{_DAYS}{_GAP}{_NAME_OF_MONTH}|\b{_NAME_OF_MONTH}{_GAP}{_DAYS}(?!\d))(?:,?\s+\d{{4}}(?!\d))?",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Return a text with single spaces between words and plain quotation marks: as long as with its own marks."""
    return " ".join(text.split()).translate(_QUOTES)


def numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers in a text: in figures, ordinals and years among them, or in words up to a hundred."""
    return frozenset(number for number, _ in _numbers(text))


def spans_of_number(text: str, number: Decimal) -> list[Span]:
    """Return where a text gives a number, but not as the day or the year of a date."""
    dated = [found.span() for found in _DATED.finditer(text)]
    return [
        span
        for found, span in _numbers(text)
        if found == number and not any(start <= span[0] and span[1] <= end for start, end in dated)
    ]


def gives_date(text: str, value: str) -> bool:
    """Return whether a text gives a date, a part of one, or a time.

    :param value: as XML Schema writes it; a date with a time is given where both are
    """
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in _patterns_of(value))


def spans_of_date(text: str, value: str) -> list[Span]:
    """Return where a text gives a date, a part of one, or a time; nowhere where it lacks a part; see `gives_date`."""
    found = [[match.span() for match in re.finditer(pattern, text, re.IGNORECASE)] for pattern in _patterns_of(value)]
    return list(chain.from_iterable(found)) if all(found) else []


def pattern_of_name(name: str) -> str:
    """Return the pattern of a name in any case; a short one, such as "US", is not "us"."""
    return re.escape(name) if len(name) <= _SHORT else f"(?i:{re.escape(name)})"


def is_name(text: str, start: int, name: str) -> bool:
    """Return whether a name stands at a place of a text, where a word begins; see `pattern_of_name`."""
    found = text[start : start + len(name)]
    same = found == name if len(name) <= _SHORT else found.lower() == name.lower()
    return same and not re.match(r"\w", text[start + len(name) : start + len(name) + 1])


@cache
def _numbers(text: str) -> tuple[tuple[Decimal, Span], ...]:
    return tuple(chain(_in_figures(text), _in_words(text)))


def _in_figures(text: str) -> Iterator[tuple[Decimal, Span]]:
    for match in _FIGURE.finditer(text):
        whole, part, unit = match.groups("")
        yield Decimal(whole.replace(",", "") + part) * _MAGNITUDES.get(unit.lower(), 1), match.span()


def _in_words(text: str) -> Iterator[tuple[Decimal, Span]]:
    for match in re.finditer(r"[a-z]+(?:-[a-z]+)?", text, re.IGNORECASE):
        if (whole := match[0].lower()) in _WORDS:
            yield Decimal(_WORDS[whole]), match.span()
            continue
        for part in re.finditer(r"[a-z]+", whole):
            if part[0] in _WORDS:
                yield Decimal(_WORDS[part[0]]), (match.start() + part.start(), match.start() + part.end())


def _number_words() -> Iterator[tuple[str, int]]:
    for number in range(1, 100):
        tens, units = (_TENS[number // 10 - 2], number % 10) if number >= len(_UNITS) else ("", number)
        word = "-".join(filter(None, (tens, _UNITS[units])))
        ordinal = _IRREGULAR.get(_UNITS[units]) or re.sub("y$", "ie", _UNITS[units] or tens) + "th"
        yield word, number
        yield "-".join(filter(None, (tens if units else "", ordinal))), number


_WORDS = dict(_number_words())


def _patterns_of(value: str) -> list[str]:
    """Return the patterns of the date and of the time in a value."""
    day, _, time = ("", "", value) if _TIME.match(value) else value.partition("T")
    return [pattern for pattern in (day and _day_pattern(day), time and _time_pattern(time)) if pattern]


def _day_pattern(value: str) -> str | None:
    """Return the pattern of a date, or of a part of one, in all usual forms; None for one of another calendar form."""
    match = _DAY.match(value)
    if match is None or not any(match.groups()):
        return None
    year, month, day = match.groups()
    if month is None:
        return rf"(?<!\d){year}(?!\d)"
    name = _MONTHS[int(month) - 1]
    named = rf"\b(?:{name}|{name[:3]}|{name[:4]})\b\.?"
    if day is not None:
        date = rf"(?<!\d)0?{int(day)}(?:st|nd|rd|th)?(?!\d)"
        named = rf"(?:{date}(?:{_TO}\d+)?{_GAP}{named}|{named}{_GAP}(?:\d+{_TO})?{date})"
    figures = [rf"0?{int(part)}" for part in (day, month) if part is not None]
    orders = (
        [figures, figures[::-1]] if year is None else [[*figures, year], [*figures[::-1], year], [year, *figures[::-1]]]
    )
    forms = [named if year is None else rf"{named}.{{0,20}}?(?<!\d){year}(?!\d)"]
    forms += [rf"(?<!\d){'[./-]'.join(order)}(?!\d)" for order in orders if len(order) > 1]
    return "|".join(forms)


def _time_pattern(value: str) -> str:
    """Return the pattern of a time of day to the minute, by 24 hours or by 12."""
    hour, minute = (int(part) for part in value.split(":")[:2])
    half = ("a", "p")[hour // 12]
    minutes = rf"(?:[:.]{minute:02})" + ("?" if minute == 0 else "")
    return rf"(?<!\d)(?:0?{hour}[:.]{minute:02}(?!\d)|0?{hour % 12 or 12}{minutes}\s*{half}\.?m)"
