"""The store in memory holds what the store on the disk does, read from its dump or from itself."""

import shutil
from pathlib import Path

from kb.generations.generation import Generation
from server.evaluation.memory import store_in_memory


def test_the_store_in_memory_is_the_one_on_the_disk(generation: Generation, tmp_path: Path) -> None:
    on_disk = set(generation.store())
    assert set(store_in_memory(generation, same_labels=True)) == on_disk
    assert len(store_in_memory(generation)) == len(on_disk)
    shutil.copytree(generation.folder / "store", tmp_path / "store")
    without_dumps = Generation(tmp_path, generation.manifest)
    assert set(store_in_memory(without_dumps, same_labels=True)) == on_disk
