"""How to cite what this server shows: one record, as a footnote, for BibTeX, and as CSL JSON.

A generation does not change, so that its hash says more than the day on which it was read. That day is known to the
reader alone: it is a part of its own in each text, which a browser fills in.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

__all__ = ["Citable", "CitationText", "bibtex", "citation_texts", "csl_json", "footnote"]

#: Characters that TeX takes for commands. A brace with a backslash before it still counts for BibTeX, which looks for
#: the end of a value: so it becomes a command.
_TEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_"},
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: What stands for the day, in the form of ISO 8601 and as the parts of a list.
_DAY, _PARTS = "{date}", "{parts}"
#: White space, and characters that no reader can see.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Citable:
    """What can be cited.

    :param key: under which a bibliography knows it: small letters, digits and hyphens
    :param kind: its type in CSL: ``entry`` for a statement, ``webpage``, ``dataset`` for the result of a query
    :param title: its name
    :param authors: names of those who made the data, whole
    :param container: name of the data
    :param generation: first digits of the content hash of the data
    :param issued: the day on which they were built, in the form of ISO 8601
    :param address: where it is found: the permanent address if there is one
    :param licence: name of the licence of the data, or ""
    """

    key: str
    kind: str
    title: str
    authors: Sequence[str]
    container: str
    generation: str
    issued: str
    address: str
    licence: str = ""


@dataclass(frozen=True)
class CitationText:
    """A citation in some format, with a place for the day on which the reader saw what is cited.

    :param head: what stands before that place
    :param dated: what stands there, in which ``{date}`` or ``{parts}`` is for the day
    :param tail: what stands behind it
    """

    head: str
    dated: str
    tail: str = ""

    def on(self, day: date | None) -> str:
        """Return the whole text for a day, or without one."""
        if day is None:
            return self.head + self.tail
        dated = self.dated.replace(_DAY, day.isoformat()).replace(_PARTS, f"{day.year}, {day.month}, {day.day}")
        return self.head + dated + self.tail


def citation_texts(citable: Citable) -> Mapping[str, CitationText]:
    """Return name of a format -> the citation in it."""
    return {"Footnote": footnote(citable), "BibTeX": bibtex(citable), "CSL JSON": csl_json(citable)}


def footnote(citable: Citable) -> CitationText:
    """Return a citation as readers have it in a note."""
    authors = f"{', '.join(citable.authors)}: " if citable.authors else ""
    where = f"{citable.container}, generation {citable.generation} of {citable.issued}. {citable.address}."
    licence = f" {citable.licence}." if citable.licence else ""
    return CitationText(_plain(f"{authors}“{citable.title}”. {where}{licence}"), f" Read on {_DAY}.")


def bibtex(citable: Citable) -> CitationText:
    """Return an entry for BibTeX and biblatex, in UTF-8.

    Names and titles stand in braces of their own, so that no style takes them apart or changes their case.
    """
    year, month, _ = citable.issued.split("-")
    fields = {
        "author": " and ".join(f"{{{_tex(author)}}}" for author in citable.authors),
        "title": f"{{{_tex(citable.title)}}}",
        "howpublished": _tex(f"{citable.container}, generation {citable.generation} of {citable.issued}"),
        "year": year,
        "version": citable.generation,
        "url": _address(citable.address),
        "note": _tex(citable.licence),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    lines.insert(lines.index(f"  year = {{{year}}}") + 1, f"  month = {_MONTHS[int(month) - 1]}")
    return CitationText(f"@misc{{{citable.key},\n" + ",\n".join(lines), f",\n  urldate = {{{_DAY}}}", "\n}\n")


def csl_json(citable: Citable) -> CitationText:
    """Return a list of one item in the form that the Citation Style Language takes.

    https://resource.citationstyles.org/schema/v1.0/input/json/csl-data.json
    """
    item = {
        "id": citable.key,
        "type": citable.kind,
        "title": _plain(citable.title),
        "author": [{"literal": _plain(author)} for author in citable.authors],
        "container-title": _plain(citable.container),
        "version": citable.generation,
        "issued": {"date-parts": [[int(part) for part in citable.issued.split("-")]]},
        "URL": citable.address,
        "note": _plain(citable.licence),
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in item.items() if value]
    return CitationText("[{\n" + ",\n".join(lines), f',\n  "accessed": {{"date-parts": [[{_PARTS}]]}}', "\n}]\n")


def _plain(text: str) -> str:
    """Return a text on one line."""
    return _BLANKS.sub(" ", text).strip()


def _tex(text: str) -> str:
    """Return a text as TeX takes it."""
    return "".join(_TEX.get(sign, sign) for sign in _plain(text))


def _address(address: str) -> str:
    """Return an address as BibTeX takes it, without what an address may not have and what would end the value."""
    return re.sub(r"[\s{}\\]", lambda found: quote(found[0]), address)
