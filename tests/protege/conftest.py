"""The running OWL API, started once a test process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from protege.owlapi import OwlApi, parts, start


@pytest.fixture(scope="session")
def owl_api(requires: Callable[[str, str], Path]) -> Iterator[OwlApi]:
    """The real OWL API and HermiT; where a part of them is missing the test is skipped, or fails in CI."""
    for name, how in parts().items():
        requires(name, how)
    with start() as api:
        yield api
