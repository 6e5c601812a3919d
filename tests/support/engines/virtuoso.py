"""Virtuoso, Debian's ``virtuoso-opensource-7-bin``: the programs without the service of ``virtuoso-opensource-7``.

Queries are open to everybody; updates and the graph store want digest authentication, by an account that the first
start makes. Its default graph is always the union of all graphs, with those that it has for itself.
"""

from collections.abc import Sequence
from pathlib import Path

from support.engines.engine import Engine, Login, free_port

__all__ = ["Virtuoso"]

_HOW = "On Debian and Ubuntu: apt-get install virtuoso-opensource-7-bin"


class Virtuoso(Engine):
    """A database of its own, with few and small buffers.

    :param anonymous: everybody may write, at the address of queries; there is no `login` then
    :param rows: at most so many rows in an answer, the rest is left out without a word; as in Debian's settings
    :param buffers: pages of 8 KiB that are kept in memory
    :param data: a folder from which the bulk loader may read
    """

    name = "virtuoso"
    query_path = "/sparql"
    update_path = "/sparql-auth"
    graph_store_path = "/sparql-graph-crud-auth"

    def __init__(  # noqa: PLR0913  what its file of settings says
        self,
        folder: Path,
        *,
        union: bool = True,
        anonymous: bool = False,
        rows: int = 10_000,
        buffers: int = 10_000,
        data: Path | None = None,
    ) -> None:
        assert union, "Virtuoso has no other default graph"
        super().__init__(folder)
        self._sql_port = free_port()
        self._anonymous, self._rows, self._buffers, self._data = anonymous, rows, buffers, data
        self.login = None if anonymous else Login("publisher", "secret")
        if anonymous:
            self.update_path, self.graph_store_path = "/sparql", "/sparql-graph-crud"  # type: ignore[misc]

    @classmethod
    def parts(cls) -> dict[str, str]:
        return {"virtuoso-t": _HOW, "isql-vt": _HOW}

    def prepare(self) -> None:
        settings = _SETTINGS.format(
            folder=self.folder,
            http=self.port,
            sql=self._sql_port,
            rows=self._rows,
            buffers=self._buffers,
            dirty=self._buffers * 3 // 4,
            data=f", {self._data}" if self._data else "",
        )
        (self.folder / "virtuoso.ini").write_text(settings, encoding="utf-8")

    def command(self) -> Sequence[str | Path]:
        return ["virtuoso-t", "+foreground", "+configfile", self.folder / "virtuoso.ini"]

    def started(self) -> None:
        stamp = self.folder / "accounts-made"
        if not stamp.exists():
            self.sql(_ANONYMOUS if self._anonymous else _ACCOUNT)
            stamp.touch()

    def load(self, file: Path) -> None:
        """Load an N-Quads file, which must lie in the folder ``data``, with ``rdf_loader_run``; the engine must run."""
        self.sql(
            f"ld_dir('{file.parent}', '{file.name}', 'urn:no-graph'); rdf_loader_run(); checkpoint; "
            "DELETE FROM DB.DBA.LOAD_LIST;"
        )

    def sql(self, statements: str) -> str:
        """Run statements of its SQL as administrator and return what came out."""
        return self.run(["isql-vt", f"127.0.0.1:{self._sql_port}", "dba", "dba", "VERBOSE=OFF", f"exec={statements}"])


_ACCOUNT = """\
DB.DBA.USER_CREATE('publisher', 'secret');
GRANT SPARQL_UPDATE TO "publisher";
DB.DBA.RDF_DEFAULT_USER_PERMS_SET('publisher', 7);
checkpoint;
"""
_ANONYMOUS = """\
GRANT SPARQL_UPDATE TO "SPARQL";
DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 7);
checkpoint;
"""
_SETTINGS = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 20
DisableUnixSocket = 1
CheckpointInterval = 60
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
DirsAllowed = {folder}{data}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 10
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 300
"""
