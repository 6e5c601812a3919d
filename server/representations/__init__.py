"""Representations: formats, content negotiation, validators, compression and the headers of every reply."""
