"""Apache Jena's TDB2 behind a SPARQL 1.1 server written for the tests: Debian has Jena without its server, Fuseki."""

from collections.abc import Sequence
from pathlib import Path

from support import jena
from support.engines.engine import Engine

__all__ = ["Jena"]

_MORE = (
    *("jena-tdb2", "jena-dboe-base", "jena-dboe-index", "jena-dboe-storage"),
    *("jena-dboe-trans-data", "jena-dboe-transaction", "jena-cmds", "commons-codec"),
)
_SOURCE = Path(__file__).with_name("JenaServer.java")


class Jena(Engine):
    """It has no accounts: whoever reaches it may write. One writes at a time, while others read what was before.

    :param heap: MiB of the Java process's heap at most; the files of the database are mapped into memory beside it
    """

    name = "jena"
    graph_store_path = "/data"

    def __init__(self, folder: Path, *, union: bool = True, heap: int = 1024) -> None:
        super().__init__(folder, union=union)
        self._heap = heap

    @classmethod
    def parts(cls) -> dict[str, str]:
        return jena.parts(*_MORE)

    def prepare(self) -> None:
        self._store.mkdir(parents=True, exist_ok=True)
        if not (self._classes / "JenaServer.class").exists():
            jena.unpack_messages(self._classes)
            # The compiler is a part of Debian's run-time environment too, where only the program javac is missing.
            compiler = ["java", "-m", "jdk.compiler/com.sun.tools.javac.Main", "-proc:none"]
            self.run([*compiler, "-cp", self._class_path(), "-d", self._classes, _SOURCE])

    def command(self) -> Sequence[str | Path]:
        return [*self._java(), "JenaServer", str(self.port), self._store, str(self.union).lower()]

    def load(self, file: Path) -> None:
        self.prepare()
        self.run([*self._java(), "tdb2.tdbloader", "--loc", self._store, file])

    def _java(self) -> list[str]:
        return ["java", f"-Xmx{self._heap}m", "-XX:+UseSerialGC", "-cp", self._class_path()]

    def _class_path(self) -> str:
        return ":".join(map(str, [self._classes, *jena.class_path(*_MORE)]))

    @property
    def _store(self) -> Path:
        return self.folder / "store"

    @property
    def _classes(self) -> Path:
        return self.folder / "classes"
