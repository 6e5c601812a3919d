"""The real engines that the graph is published to, verified on and served from, as the tests start them."""

from support.engines.engine import Engine, EngineFailed, Login
from support.engines.jena import Jena
from support.engines.oxigraph import Oxigraph
from support.engines.virtuoso import Virtuoso

__all__ = ["ENGINES", "Engine", "EngineFailed", "Jena", "Login", "Oxigraph", "Virtuoso"]

#: Name of an engine -> its class.
ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (Oxigraph, Virtuoso, Jena)}
