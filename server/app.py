"""The Flask application: one blueprint a concern, over the site of the generation that is served.

Page workers make pages and documents with it; the web process answers with it what needs no worker, see
`server.dispatch`.
"""

from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from server import errors, health
from server.linked_data import data, dereference, dumps, graph_store, void
from server.openapi import document
from server.pages import home, justifications, lists, proofs, saying, terms, things, views
from server.pages.rendering import Parts
from server.presentation.citations import citation_texts
from server.presentation.voices import voice
from server.provenance.footnotes import Footnotes
from server.representations import validators
from server.representations.formats import CITATION_FORMATS
from server.routes import navigation
from server.site import SITE, Site, current_site
from server.sparql import blueprint as sparql

__all__ = ["add_addresses", "create_application"]


def create_application(site: Callable[[], Site]) -> Flask:
    """Return the application.

    :param site: returns the site of the generation that is served
    """
    app = Flask(__name__)
    app.extensions[SITE] = site
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    addresses = site().addresses
    app.context_processor(
        lambda: {
            "site": current_site(),
            "about": current_site().about,
            "footnotes": Footnotes(built=current_site().about.built, paragraphs=current_site().paragraphs),
            "parts": current_site().once(Parts),
        }
    )
    add_addresses(app)
    app.jinja_env.globals.update(
        link=addresses.link,
        navigation=navigation(app),
        voice=voice,
        citation_texts=citation_texts,
        citation_formats=[(found.name, found.media_type) for found in CITATION_FORMATS],
    )
    mount(app, addresses.sub_path)
    errors.register(app)
    validators.register(app)
    return app


def mount(app: Flask, sub_path: str) -> None:
    """Make an application take its sub-path off the requests that have it.

    A proxy hands on ``https://example.org/ammtc/sparql`` as ``/sparql`` or, the sub-path kept, as ``/ammtc/sparql``;
    both get the same reply. A path that has it only by chance is left alone: under ``/graph`` the address
    ``/graph/entities`` is a graph, as there is no page ``/entities``. PEP 3333, ``SCRIPT_NAME``
    (https://peps.python.org/pep-3333/#environ-variables).

    :param sub_path: path of the public base address, without a final slash; ``""`` for none
    """
    if not sub_path:
        return
    prefix = unquote_to_bytes(sub_path).decode("latin-1")
    inner, routes = app.wsgi_app, app.url_map.bind("localhost")

    def without_prefix(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        rest = path.removeprefix(prefix) or "/"
        if path.startswith(prefix) and rest.startswith("/") and routes.allowed_methods(rest):
            environ["SCRIPT_NAME"] += prefix
            environ["PATH_INFO"] = rest
        return inner(environ, start_response)

    app.wsgi_app = without_prefix  # type: ignore[method-assign]  # the documented way to wrap an application


def add_addresses(app: Flask) -> None:
    """Let an application answer at all addresses of this server."""
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    in_navigation = (lists, views, terms, sparql, dumps)  # in the order in which it shows them
    for module in (
        *in_navigation,
        home,
        things,
        justifications,
        proofs,
        saying,
        dereference,
        data,
        graph_store,
        void,
        document,
        health,
    ):
        app.register_blueprint(module.blueprint)
