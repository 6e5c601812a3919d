"""`kb serve`: the endpoint and the pages on the web."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from kb.cli.commands import DEFAULT_GRAPH, FILE, FOLDER, ExampleCommand, is_union
from kb.cli.session import Session
from kb.errors import UsageError
from kb.files.texts import read_texts
from kb.generations.generation import CURRENT
from kb.remote.profiles import profile_names
from server import logs
from server.config import Limits, ServerConfig
from server.processes.machine import require_machine
from server.processes.main import built_from, run

__all__ = ["serve"]


def _limits(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option of each limit that has one; its value comes under the limit's name."""
    for limit in reversed(fields(Limits)):
        if option := limit.metadata:
            whole = click.IntRange(option["least"], option["most"])
            command = click.option(
                option["option"],
                limit.name,
                type=click.FloatRange(0, min_open=True) if isinstance(limit.default, float) else whole,
                default=limit.default,
                show_default=option["words"] or True,
                metavar=option["unit"],
                help=option["help"],
            )(command)
    return command


@click.command(
    cls=ExampleCommand,
    examples=[
        "kb serve",
        "kb serve --host 0.0.0.0 --port 80 --public-base https://example.org/ammtc",
        "kb serve --data my.ttl",
        "kb serve --data my.nq.gz --default-graph union",
        "kb serve --texts texts/",
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="PORT", help="Port to listen on."
)
@click.option(
    "--data",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Serve this RDF file instead of the graph; may be repeated. Numbers, truth values and times come back by "
    "value: see 'What the engine changes' in docs/serving.md.",
)
@DEFAULT_GRAPH
@click.option("--public-base", default="", metavar="URL", help="Address under which the public reaches the server.")
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network of a proxy whose X-Forwarded-For says who the client is; may be repeated.",
)
@click.option(
    "--texts",
    type=FOLDER,
    metavar="DIR",
    help="Show the cited paragraphs in the words of the source texts in this folder.",
)
@click.option(
    "--endpoint",
    multiple=True,
    metavar="URL",
    help="Answer queries from this remote store, which holds the generation (`kb publish`); may be repeated for "
    "several with the same content. KB_STORE_USER and KB_STORE_PASSWORD, or KB_STORE_TOKEN, are what it asks for.",
)
@click.option(
    "--engine",
    type=click.Choice(profile_names()),
    help="Engine of the remote stores, where their replies do not say it.",
)
@click.option(
    "--allow-service",
    multiple=True,
    metavar="URL",
    help="Let queries ask this endpoint by SERVICE; may be repeated. It is fetched by a process of its own, within "
    "limits.",
)
@click.option("--unverified", is_flag=True, help="Serve remote stores that do not pass `kb verify` too.")
@_limits
@click.pass_obj
def serve(  # noqa: PLR0913  one parameter an option
    session: Session,
    /,
    *,
    host: str,
    port: int,
    data: tuple[Path, ...],
    default_graph: str | None,
    public_base: str,
    trusted_proxy: tuple[str, ...],
    texts: Path | None,
    endpoint: tuple[str, ...],
    engine: str | None,
    allow_service: tuple[str, ...],
    unverified: bool,
    **limits: Any,  # noqa: ANN401  whole numbers and numbers of seconds
) -> None:
    """Serve the graph on the web until Ctrl-C: SPARQL endpoint, linked data, pages, dumps.

    What is not built yet is built first. A generation that `kb build` writes meanwhile is served as soon as it is
    there.
    """
    require_machine()
    if data and endpoint:
        raise UsageError("--data and --endpoint exclude each other", "Publish a built generation with `kb publish`")
    if texts is not None:
        read_texts(texts)
    given = Limits(**limits)
    union = is_union(default_graph, data)
    with built_from(data, given, union=union) if data else nullcontext(session.generation().folder) as folder:
        config = ServerConfig(
            generation=folder,
            project=None if data else session.project,
            public_base=public_base,
            limits=given,
            generations=None if data or not (folder.parent / CURRENT).is_file() else folder.parent,
            trusted_proxies=trusted_proxy,
            texts=texts,
            endpoints=endpoint,
            services=_services(allow_service),
        )
        if endpoint:
            from server.stores import find_stores  # noqa: PLC0415  its libraries take long to import

            logs.configure()
            found = find_stores(session, session.generation(), endpoint, engine or "", unverified=unverified)
            config = replace(config, engine=found.engine, default_graph=found.default_graph, unverified=unverified)
        run(config, host, port)


def _services(urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the endpoints that queries may ask, each once.

    :raises BadAddress: when one is no URL of HTTP
    """
    if not urls:
        return ()
    from kb.remote.access import require_address  # noqa: PLC0415  its libraries take long to import

    return tuple(map(require_address, dict.fromkeys(urls)))
