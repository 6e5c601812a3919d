"""Tests on real engines: ``make engines`` runs them, ``make test`` leaves them out."""
