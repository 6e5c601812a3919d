"""The web application: SPARQL endpoint, linked data and pages over one built generation of the graph."""

__all__: list[str] = []
