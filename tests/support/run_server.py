"""Run a server for the tests: `run_server.py PORT SETTINGS`, where the settings are JSON (see `servers.py`)."""

import json
import sys
from pathlib import Path

from kb.config import Project
from server.config import Limits, ServerConfig
from server.processes.main import run, serve

settings = json.loads(sys.argv[2])
project = Project(Path(settings["project"]))
if settings.get("data"):
    serve(project, port=int(sys.argv[1]), data=[Path(path) for path in settings["data"]])
else:
    generations = settings.get("generations")
    config = ServerConfig(
        generation=Path(settings["generation"]),
        project=project,
        public_base=settings.get("public_base", ""),
        limits=Limits(**settings.get("limits", {})),
        generations=Path(generations) if generations else None,
        trusted_proxies=tuple(settings.get("trusted_proxies", ())),
    )
    run(config, "127.0.0.1", int(sys.argv[1]))
