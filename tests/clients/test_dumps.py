"""Other programs read the dumps at their addresses, as text that is compressed on the way or is not."""

import gzip
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Dataset
from support.jena import Jena
from support.servers import HANG_SECONDS, KbServe

from kb.generations.generation import Generation

pytestmark = pytest.mark.xdist_group("clients")

_NAMES = ["ammtc.nq", "ammtc.trig"]


@pytest.fixture(scope="module")
def texts(generation: Generation) -> dict[str, bytes]:
    """The name of each compressed dump, without its last part -> what is in it."""
    return {name: gzip.decompress(generation.dumps[f"{name}.gz"].read_bytes()) for name in generation.contents}


@pytest.fixture(scope="module")
def lines(texts: dict[str, bytes]) -> int:
    """The number of statements, each in its graphs."""
    return len(set(texts["ammtc.nq"].splitlines()))


@pytest.fixture(scope="module")
def fetch(requires: Callable[[str, str], Path]) -> Callable[..., bytes]:
    """`fetch(*arguments)`: what curl prints."""
    program = requires("curl", "On Debian and Ubuntu: apt-get install curl")

    def run(*arguments: str | Path) -> bytes:
        command = [program, "--silent", "--show-error", *arguments]
        return subprocess.run(command, capture_output=True, check=True, timeout=HANG_SECONDS).stdout

    return run


@pytest.mark.parametrize("name", _NAMES)
def test_pyoxigraph(server: KbServe, lines: int, name: str) -> None:
    with urlopen(f"{server.url}/dump/{name}") as response:
        form = RdfFormat.from_media_type(response.headers["Content-Type"])
        assert len(set(parse(response, format=form))) == lines


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # by rdflib itself
@pytest.mark.parametrize("name", _NAMES)
def test_rdflib(server: KbServe, lines: int, name: str) -> None:
    assert sum(1 for _ in Dataset().parse(f"{server.url}/dump/{name}").quads()) == lines


@pytest.mark.parametrize("name", _NAMES)
def test_jena(server: KbServe, jena: Jena, lines: int, name: str) -> None:
    assert len(set(jena.fetch(f"{server.url}/dump/{name}").splitlines())) == lines


@pytest.mark.parametrize("options", [[], ["--compressed"]], ids=["curl", "curl --compressed"])
def test_curl(server: KbServe, fetch: Callable[..., bytes], texts: dict[str, bytes], options: list[str]) -> None:
    for name, text in texts.items():
        assert fetch(*options, f"{server.url}/dump/{name}") == text


def test_a_download_goes_on_compressed(
    server: KbServe, fetch: Callable[..., bytes], texts: dict[str, bytes], tmp_path: Path
) -> None:
    """Without decompressing: the first part of what was sent, then the rest."""
    target = tmp_path / "ammtc.nq.gz"
    sent = ["--header", "Accept-Encoding: gzip", f"{server.url}/dump/ammtc.nq"]
    target.write_bytes(fetch("--range", "0-9999", *sent))
    fetch("--continue-at", "-", "--output", target, *sent)
    assert gzip.GzipFile(fileobj=BytesIO(target.read_bytes())).read() == texts["ammtc.nq"]
