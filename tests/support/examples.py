"""How much a test tries: few examples, and the same ones, in `make test`; all of them and new ones in `make soak`."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

__all__ = ["examples", "is_thorough", "load_profile", "sample"]

T = TypeVar("T")

_QUICK, _THOROUGH = "quick", "thorough"
_PART = 5


def load_profile(*, thorough: bool) -> None:
    """Choose how Hypothesis works; no example fails for the time it takes, which other processes decide too."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
    settings.register_profile(_THOROUGH, patient, max_examples=100)
    settings.register_profile(_QUICK, patient, max_examples=100 // _PART, derandomize=True)
    settings.load_profile(_THOROUGH if thorough else _QUICK)


def is_thorough() -> bool:
    """Return whether this is a run for `make soak`; a test that asks has the mark `thorough`."""
    return settings.get_current_profile_name() == _THOROUGH


def examples(number: int) -> int:
    """Return how many examples a test tries for which that number is thorough."""
    return number if is_thorough() else -(-number // _PART)


def sample(cases: Sequence[T]) -> Sequence[T]:
    """Return the cases that a test tries of those that a thorough run tries."""
    return cases if is_thorough() else cases[::_PART]
