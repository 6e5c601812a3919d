"""Run a server for the tests: `run_server.py PORT SETTINGS`, where the settings are JSON (see `servers.py`)."""

import json
import sys
from pathlib import Path

from kb.config import Project
from kb.remote.profiles import OTHER
from server.config import Limits, ServerConfig
from server.processes.main import built_from, run

settings = json.loads(sys.argv[2])
port = int(sys.argv[1])
if settings.get("data"):
    limits = Limits(**settings.get("limits", {}))
    with built_from([Path(path) for path in settings["data"]], limits) as folder:
        run(ServerConfig(folder, limits=limits), "127.0.0.1", port)
else:
    generations, texts = settings.get("generations"), settings.get("texts")
    config = ServerConfig(
        generation=Path(settings["generation"]),
        project=Project(Path(settings["project"])),
        public_base=settings.get("public_base", ""),
        limits=Limits(**settings.get("limits", {})),
        generations=Path(generations) if generations else None,
        trusted_proxies=tuple(settings.get("trusted_proxies", ())),
        texts=Path(texts) if texts else None,
        endpoints=tuple(settings.get("endpoints", ())),
        engine=settings.get("engine", OTHER),
        unverified=settings.get("unverified", False),
        services=tuple(settings.get("services", ())),
    )
    run(config, "127.0.0.1", port)
