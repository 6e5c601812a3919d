"""The Flask application: one blueprint a concern over one shared site."""

from flask import Flask

from server import data, dereference, dumps, errors, graph_store, health, home, openapi, pages, security, sparql, void
from server.config import ServerConfig
from server.mount import mount
from server.site import SITE, Site, open_site

__all__ = ["close_app", "create_app"]


def create_app(config: ServerConfig) -> Flask:
    """Return an application that serves a generation; its query workers run until `close_app`.

    :raises GenerationError: when the generation is missing or damaged
    """
    app = Flask(__name__)
    site = open_site(config)
    app.extensions[SITE] = site
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(link=site.addresses.link, site=site)
    for module in (health, openapi, sparql, graph_store, void, dereference, data, dumps, pages, home):
        app.register_blueprint(module.blueprint)
    mount(app, site.addresses.sub_path)
    errors.register(app)
    security.register(app)
    return app


def close_app(app: Flask) -> None:
    """End the query workers of an application."""
    site: Site = app.extensions[SITE]
    site.pool.close()
