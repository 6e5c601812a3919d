"""Dates of any precision in words, as pages show them."""

import re

__all__ = ["in_words"]

# XML Schema 1.1, section 3.3 (https://www.w3.org/TR/xmlschema11-2/): date, gYearMonth, gMonth and dateTime.
_DATE = re.compile(r"(?:(?P<year>-?\d{4,})-|--)(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?(?:T(?P<time>\d\d:\d\d).*)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def in_words(lexical: str) -> str:
    """Return ``12 September 2025`` for ``2025-09-12``; text that is no date stays the same."""
    found = _DATE.fullmatch(lexical)
    if not found:
        return lexical
    day = f"{int(found['day'])} " if found["day"] else ""
    year = f" {found['year']}" if found["year"] else ", year not stated"
    time = f", {found['time']}" if found["time"] else ""
    return f"{day}{_MONTHS[int(found['month']) - 1]}{year}{time}"
