"""The Flask application: one blueprint a concern, over the site of the generation that is served."""

from flask import Flask

from server import errors, health
from server.generations.reload import RELOADER, Reloader
from server.linked_data import data, dereference, dumps, graph_store, void
from server.metrics import METRICS, Metrics
from server.openapi import document
from server.pages import home, lists, proofs, terms, things, views
from server.pages.parts import Parts
from server.provenance.footnotes import Footnotes
from server.representations import headers as security
from server.representations.mount import mount
from server.site import SITE, Site, current_site
from server.sparql import blueprint as sparql

__all__ = ["add_addresses", "create_app"]


def create_app(site: Site, metrics: Metrics, reloader: Reloader[Site]) -> Flask:
    """Return an application that serves a site.

    :param reloader: what knows whether a newer generation was refused
    """
    app = Flask(__name__)
    app.extensions |= {SITE: site, METRICS: metrics, RELOADER: reloader}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(link=site.addresses.link)
    app.context_processor(_page_context)
    add_addresses(app)
    mount(app, site.addresses.sub_path)
    metrics.name_routes(app.url_map)
    errors.register(app)
    security.register(app)
    return app


def add_addresses(app: Flask) -> None:
    """Let an application answer at all addresses of this server."""
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for module in (
        health,
        document,
        sparql,
        graph_store,
        void,
        dereference,
        data,
        dumps,
        terms,
        things,
        views,
        proofs,
        lists,
        home,
    ):
        app.register_blueprint(module.blueprint)


def _page_context() -> dict[str, object]:
    """Return what every template can name."""
    site = current_site()
    return {"site": site, "footnotes": Footnotes(), "parts": site.once(Parts)}
