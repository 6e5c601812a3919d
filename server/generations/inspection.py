"""The inspection of a generation in a process of its own: a damaged store can crash the process that opens it."""

import asyncio
import json
import sys
from pathlib import Path

from kb.errors import GenerationError
from kb.generations.generation import Generation, open_generation
from kb.generations.manifest import read_manifest
from server.subprocesses import command, environment

__all__ = ["inspect"]


async def inspect(folder: Path) -> Generation:
    """Return the current generation of a folder of generations.

    :raises GenerationError: if it is missing or damaged
    """
    process = await asyncio.create_subprocess_exec(
        *command("server.generations.inspection"),
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    found = json.loads(output) if process.returncode == 0 and output else {"reason": "it cannot be read at all"}
    if "reason" in found:
        raise GenerationError(folder, found["reason"])
    home = Path(found["folder"])
    return Generation(home, read_manifest(home))


def main() -> None:
    """Print, as JSON, the folder of the generation that the first argument names, or what is wrong with it."""
    try:
        found = {"folder": str(open_generation(Path(sys.argv[1])).folder)}
    except GenerationError as error:
        found = {"reason": error.reason}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
