"""The real engines that the graph is published to, verified on and served from, as the tests start them."""

from support.engines.engine import Engine, EngineFailed, Login
from support.engines.jena import Jena
from support.engines.oxigraph import Oxigraph
from support.engines.virtuoso import Virtuoso

__all__ = ["ENGINES", "VARYING", "Engine", "EngineFailed", "Jena", "Login", "Oxigraph", "Virtuoso"]

#: Name of an engine -> its class.
ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (Oxigraph, Virtuoso, Jena)}

#: Name of an engine -> how many answers may differ for no cause that its profile knows: its plans vary from one run to
#: the next, and with them which of its faults show. They are printed.
VARYING = {"virtuoso": 3}
