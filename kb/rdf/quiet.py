"""Keeping rdflib from printing a traceback for each literal that Python has no object for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_rdflib"]

_LOGGER = logging.getLogger("rdflib.term")


@contextmanager
def quiet_rdflib() -> Iterator[None]:
    """Leave out what rdflib logs about literals meanwhile.

    rdflib reports a literal that Python cannot hold, such as a date before year 1 or an integer of 5,000 digits, like
    one that is ill-formed. `kb.rdf.datatypes` knows which is ill-formed, and checks and the reasoner report it.
    """
    before, _LOGGER.disabled = _LOGGER.disabled, True
    try:
        yield
    finally:
        _LOGGER.disabled = before
