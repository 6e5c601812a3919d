"""Each RDF file of the corpus is refused by the process that reads the files of ``kb serve --data``."""

import gzip
from pathlib import Path

import pytest

from hostile.conftest import Listener
from hostile.corpus import FILES, HostileFile
from kb.errors import KbError
from kb.generations.generation import open_generation
from server.config import Limits
from server.generations.files import build_from_files

pytestmark = pytest.mark.xdist_group("hostile")

_LIMITS = Limits(load_mib=256, load_seconds=30.0)
_LONGEST_MESSAGE = 500


def test_no_file_is_lost() -> None:
    assert len(FILES) == 21
    assert len({file.name for file in FILES}) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_hostile_file(listener: Listener, tmp_path: Path, file: HostileFile) -> None:
    path, store = tmp_path / file.name, tmp_path / "store"
    content = file.text(listener.address).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    store.mkdir()
    with pytest.raises(KbError) as error:
        build_from_files([path], store, _LIMITS)
    assert file.contains in error.value.problem
    assert len(error.value.problem) < _LONGEST_MESSAGE
    assert error.value.remedy
    assert listener.visitors == []


def test_a_document_type_that_is_elsewhere_is_not_fetched(listener: Listener, tmp_path: Path) -> None:
    path, store = tmp_path / "doctype.rdf", tmp_path / "store"
    path.write_text(f"""<!DOCTYPE rdf:RDF SYSTEM "{listener.address}" [ <!ENTITY e "http://e.example/"> ]>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Bag rdf:about="&e;a"/></rdf:RDF>""")
    store.mkdir()
    build_from_files([path], store, _LIMITS)
    assert [quad.subject.value for quad in open_generation(store).store()] == ["http://e.example/a"]
    assert listener.visitors == []


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path, store = tmp_path / "latin.nt", tmp_path / "store"
    path.write_bytes(b'<http://a.example/> <http://b.example/> "\xff" .\n')
    store.mkdir()
    with pytest.raises(KbError):
        build_from_files([path], store, _LIMITS)
