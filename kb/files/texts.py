"""The source texts: their numbered lines, and whether the passages that the graph cites stand in them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kb.atomic import read_bytes
from kb.errors import DataError, MissingFile

__all__ = ["Passage", "digests", "match_texts", "proven_lines", "read_texts"]


class Passage(NamedTuple):
    """A numbered line of a source document, as the graph cites it.

    :param source: IRI of the source document
    :param number: which non-empty line of the text it is, counted from 1
    :param iri: its IRI
    :param sha256: digest of the line in UTF-8 without white space at either end, in lower-case hexadecimal
    """

    source: str
    number: int
    iri: str
    sha256: str


def read_texts(folder: Path) -> dict[Path, tuple[str, ...]]:
    """Read the source texts (``*.txt``, UTF-8) of a folder: file -> its non-empty lines, without space at the ends.

    :raises MissingFile: when the folder is not there, holds no text, or one that cannot be read
    :raises DataError: when a text is not UTF-8
    """
    texts = {path: _lines(path) for path in sorted(folder.glob("*.txt")) if path.is_file()}
    if not texts:
        missing = folder / "*.txt" if folder.is_dir() else folder
        raise MissingFile(missing, "Name the folder that holds the source texts")
    return texts


def digests(texts: Mapping[Path, Sequence[str]]) -> dict[Path, tuple[str, ...]]:
    """Return the digest of each line of some texts, as `Passage.sha256` has it."""
    return {path: tuple(map(_digest, lines)) for path, lines in texts.items()}


def match_texts(cited: Iterable[Passage], texts: Mapping[Path, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Compare passages with the texts: each must be the line of its number, to the letter.

    Files may have any name: the text of a source is the one in which most of its passages are found.

    :param texts: the digests of the lines of at least one, see `digests`
    :return: IRI of a passage that is not in the text, or of a source without a text; what is wrong; what to do
    """
    for source, found in groupby(sorted(cited), lambda passage: passage.source):
        group = list(found)
        path, lines = max(texts.items(), key=lambda text: sum(_stands(passage, text[1]) for passage in group))
        wrong = [passage for passage in group if not _stands(passage, lines)]
        if wrong == group:
            problem = f"no text in {path.parent} holds any of the {len(group)} cited passages"
            yield source, problem, "Add the text of the source to the folder, or correct the passages"
            continue
        for passage in wrong:
            yield passage.iri, *_explain(passage, path.name, lines)


def proven_lines(
    cited: Iterable[Passage], texts: Mapping[Path, Sequence[str]]
) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Return the lines of the passages that stand in the texts, IRI -> line, and what is wrong with the others.

    :param texts: the lines of at least one, see `read_texts`
    :return: besides the lines, IRI of a passage or of a source without a text -> what is wrong, and what to do
    """
    cited, known = list(cited), digests(texts)
    wrong = {iri: (problem, remedy) for iri, problem, remedy in match_texts(cited, known)}
    wanted = {passage.sha256: passage for passage in cited}
    lines = {
        digest: line
        for path, found in known.items()
        for digest, line in zip(found, texts[path], strict=True)
        if digest in wanted
    }
    stands = (passage for passage in cited if wrong.keys().isdisjoint((passage.iri, passage.source)))
    return {passage.iri: lines[passage.sha256] for passage in stands}, wrong


def _lines(path: Path) -> tuple[str, ...]:
    try:
        lines = read_bytes(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 ({error.reason})", "Save the text as UTF-8") from error
    return tuple(line.strip() for line in lines if line.strip())


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _stands(passage: Passage, lines: Sequence[str]) -> bool:
    return 0 < passage.number <= len(lines) and lines[passage.number - 1] == passage.sha256


def _explain(passage: Passage, name: str, lines: Sequence[str]) -> tuple[str, str]:
    if not 0 < passage.number <= len(lines):
        problem = f"{name} has {len(lines)} non-empty lines, and no number {passage.number}"
        return problem, "Correct ammtc:paragraph and the IRI of the passage"
    if passage.sha256 in lines:
        problem = f"line {passage.number} of {name} is another one: the digest is that of line "
        return problem + str(lines.index(passage.sha256) + 1), "Correct the number or the digest"
    problem = f"line {passage.number} of {name} has another digest"
    return problem, f"If the line is the one that is meant, its digest is {lines[passage.number - 1]}"
