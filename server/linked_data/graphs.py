"""Whole graphs: the content of a named graph or of the default graph, written by a query worker."""

from flask import Response, request

from server.evaluation.messages import Task
from server.problems import Problem
from server.representations.cacheable import cacheable_response
from server.representations.negotiation import Choice
from server.site import current_site
from server.stored_queries.texts import stored_query

__all__ = ["whole_graph"]


def whole_graph(iri: str | None, choice: Choice) -> Response:
    """Return the reply with a whole graph, or none of it.

    TriG and N-Quads say which graph it is; the other formats hold its triples alone.

    :param iri: of a named graph that the generation has; None for the default graph
    :raises Problem: 422 for a graph with more triples than a result may have; see also `Site.run`
    """
    site = current_site()
    limits, sizes = site.config.limits, site.generation.manifest.sizes
    size = sizes.default_graph if iri is None else sizes.named_graphs[iri]
    if size > limits.rows:
        raise _too_large(size, limits.rows)
    task = Task(
        query=stored_query("graph"),
        base=site.addresses.endpoint(request.host_url),
        formats={"graph": choice.offer.name},
        row_limit=limits.rows,
        byte_limit=limits.result_bytes,
        default_graphs=None if iri is None else (iri,),
        named_graphs=None if iri is None else (),
        into=iri,
    )
    return cacheable_response(choice.media_type, site.run(task).body)


def _too_large(size: int, most: int) -> Problem:
    detail = f"The graph has {size:,} triples, and a result may hold {most:,}"
    return Problem("result-too-large", detail, "Fetch the dump, or query for a part of the graph")
