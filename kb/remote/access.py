"""How a user says which remote store is meant: its addresses, the engine, and the credentials in the environment."""

import os
from collections.abc import Mapping

import httpx

from kb.errors import BadAddress, UsageError
from kb.remote.client import Client, Credentials, find_engine
from kb.remote.profiles import find_profile

__all__ = ["open_client", "read_credentials", "require_address"]

_USER, _PASSWORD, _TOKEN = "KB_STORE_USER", "KB_STORE_PASSWORD", "KB_STORE_TOKEN"


def open_client(  # noqa: PLR0913  one parameter an option
    url: str,
    *,
    update: str = "",
    graph_store: str = "",
    engine: str = "",
    credentials: Credentials | None = None,
    seconds: float = 60.0,
) -> Client:
    """Return a client of a store, which is asked what it is unless the engine is named.

    :param url: of its query endpoint
    :param update: URL of its update endpoint, where that is not the engine's usual one
    :param graph_store: URL of its graph store, likewise
    :param engine: name of a profile
    :raises BadAddress: when a URL is none of HTTP, or has a password in it
    :raises UnknownName: when there is no such profile
    :raises RemoteError: when the store cannot be asked what it is
    """
    for address in filter(None, (url, update, graph_store)):
        require_address(address)
    profile = find_profile(engine) if engine else find_engine(url, credentials, seconds=min(seconds, 10.0))
    return Client(profile.addresses(url, update, graph_store), profile, credentials, seconds=seconds)


def read_credentials(user: str = "", environment: Mapping[str, str] | None = None) -> Credentials | None:
    """Return what ``KB_STORE_USER`` and ``KB_STORE_PASSWORD``, or ``KB_STORE_TOKEN``, say; None where they say nothing.

    :param user: instead of ``KB_STORE_USER``
    :param environment: instead of the process's own
    :raises UsageError: when they contradict each other
    """
    given = os.environ if environment is None else environment
    user, password, token = user or given.get(_USER, ""), given.get(_PASSWORD, ""), given.get(_TOKEN, "")
    if token and (user or password):
        raise UsageError(f"{_TOKEN} is set, and so is a user or a password", "Set one or the other")
    if password and not user:
        raise UsageError(f"{_PASSWORD} is set without a user", f"Name the user with --user or {_USER}")
    if user and not password:
        raise UsageError(f"The user {user} has no password", f"Set {_PASSWORD}")
    return Credentials(user, password, token) if user or token else None


def require_address(address: str) -> str:
    """Return a URL as it was given.

    :raises BadAddress: when it is none of HTTP, or has a user, a password or a fragment in it
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise BadAddress(address, "is no URL", "Check its spelling") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise BadAddress(address, "is no URL of HTTP", "Begin it with http:// or https:// and the host")
    if url.userinfo:
        hint = f"Leave them out, and set {_USER} and {_PASSWORD} in the environment, where no other program sees them"
        raise BadAddress(address, "has a user or a password in it", hint)
    if url.fragment:
        raise BadAddress(address, "has a fragment, which is never sent", "Leave out what follows #")
    return address
