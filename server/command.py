"""`kb serve`: the endpoint and the pages on the web."""

from pathlib import Path

import click

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.session import Session
from server.config import Limits
from server.processes.main import serve as run_server

__all__ = ["serve"]

_DEFAULTS = Limits()


@click.command(
    cls=ExampleCommand,
    examples=[
        "kb serve",
        "kb serve --host 0.0.0.0 --port 80 --public-base https://example.org/ammtc",
        "kb serve --data my.ttl",
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="PORT", help="Port to listen on."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=_DEFAULTS.timeout,
    show_default=True,
    metavar="S",
    help="Seconds for a query.",
)
@click.option(
    "--memory",
    type=click.IntRange(16),
    default=_DEFAULTS.memory,
    show_default=True,
    metavar="MIB",
    help="MiB for a query.",
)
@click.option(
    "--store-memory",
    type=click.IntRange(0),
    default=_DEFAULTS.store_memory,
    show_default=True,
    metavar="MIB",
    help="A store that takes more MiB is queried on the disk, not in memory.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=_DEFAULTS.workers,
    show_default="twice the processors",
    metavar="N",
    help="Queries answered at the same time; one client gets half of them.",
)
@click.option(
    "--cache",
    type=click.IntRange(0),
    default=_DEFAULTS.cache,
    show_default=True,
    metavar="MIB",
    help="MiB of results that are kept to be given again.",
)
@click.option(
    "--data",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Serve this RDF file instead of the graph; may be repeated.",
)
@click.option(
    "--load-memory",
    type=click.IntRange(256),
    default=_DEFAULTS.load_memory,
    show_default=True,
    metavar="MIB",
    help="MiB for reading the files of --data.",
)
@click.option(
    "--load-timeout",
    type=click.FloatRange(0, min_open=True),
    default=_DEFAULTS.load_seconds,
    show_default=True,
    metavar="S",
    help="Seconds for reading the files of --data.",
)
@click.option("--public-base", default="", metavar="URL", help="Address under which the public reaches the server.")
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network of a proxy whose X-Forwarded-For says who the client is; may be repeated.",
)
@click.pass_obj
def serve(  # noqa: PLR0913  one parameter an option
    session: Session,
    *,
    host: str,
    port: int,
    timeout: float,
    memory: int,
    store_memory: int,
    workers: int,
    cache: int,
    data: tuple[Path, ...],
    load_memory: int,
    load_timeout: float,
    public_base: str,
    trusted_proxy: tuple[str, ...],
) -> None:
    """Serve the graph on the web until Ctrl-C: SPARQL endpoint, linked data, pages, dumps.

    What is not built yet is built first. A generation that `kb build` writes meanwhile is served as soon as it is
    there.
    """
    run_server(
        None if data else session.generation(),
        host=host,
        port=port,
        limits=Limits(
            timeout=timeout,
            memory=memory,
            store_memory=store_memory,
            workers=workers,
            cache=cache,
            load_memory=load_memory,
            load_seconds=load_timeout,
        ),
        data=data,
        project=session.project,
        public_base=public_base,
        trusted_proxies=trusted_proxy,
    )
