"""The AMMTC knowledge graph as a library: load, reason, validate, query, export."""

__all__ = ["__version__"]

__version__ = "0.1.0"
