"""The formats of RDF that the server writes, by the extension of their documents."""

from pyoxigraph import RdfFormat

__all__ = ["FORMATS"]

FORMATS = {name: RdfFormat.from_extension(name) for name in ("ttl", "nt", "rdf", "jsonld", "trig", "nq")}
