"""Provenance: what a statement rests on, which sources support it, and how pages cite them."""
