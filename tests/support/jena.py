"""Apache Jena as a Python function, in a process of its own: Debian's libapache-jena-java.

Its archive lacks nothing but has the messages of its XML parser in a folder where that does not look: they are copied.
"""

import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jpype
from jpype import JClass

__all__ = ["Jena", "class_path", "parts", "start", "unpack_messages"]

_JARS = Path("/usr/share/java")
_CORE = _JARS / "jena-core.jar"
_MESSAGES = "org/apache/jena/ext/"
#: What Jena needs to read, write and validate; libapache-jena-java depends on the packages of all.
_NAMES = (
    *("jena-arq", "jena-base", "jena-core", "jena-iri", "jena-shacl"),
    *("commons-compress", "commons-csv", "commons-io", "commons-lang3", "dexx.collection", "gson", "guava"),
    *("jackson-annotations", "jackson-core", "jackson-databind", "jakarta.json-api", "jsonld-java", "protobuf"),
    *("slf4j-api", "slf4j-nop", "thrift", "titanium-json-ld"),
)


def parts(*more: str) -> dict[str, str]:
    """Return the programs and files that must be there, each with the way to get it.

    :param more: names of archives beyond those that read and write graphs, see `class_path`
    """
    jars = {str(jar): "On Debian and Ubuntu: apt-get install libapache-jena-java" for jar in class_path(*more)}
    return {"java": "On Debian and Ubuntu: apt-get install default-jre-headless", **jars}


def class_path(*more: str) -> list[Path]:
    """Return the archives that Jena needs, before which the folder of `unpack_messages` must stand."""
    return [_JARS / f"{name}.jar" for name in (*_NAMES, *more)]


def unpack_messages(folder: Path) -> None:
    """Write the messages of the XML parser into a folder, under the names that it looks for."""
    with zipfile.ZipFile(_CORE) as archive:
        for name in archive.namelist():
            if name.startswith(_MESSAGES) and name.endswith(".properties"):
                path = folder / name.removeprefix(_MESSAGES)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


@contextmanager
def start() -> Iterator["Jena"]:
    """Run the Java process; all `parts` must be there."""
    with (
        TemporaryDirectory() as folder,
        ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process,
    ):
        unpack_messages(Path(folder))
        process.submit(_start, [folder, *map(str, class_path())]).result()
        yield Jena(process)


class Jena:
    """Calls into the running Java process."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    def read_rdf_xml(self, document: bytes, base: str) -> str | None:
        """Return the triples of a document as N-Triples, or None where Jena refuses it."""
        return self._process.submit(_read, document, base).result()

    def fetch(self, address: str) -> str:
        """Return the statements of a document in any format, fetched over HTTP, as N-Quads."""
        return self._process.submit(_fetch, address).result()

    def validate(self, shapes: bytes, data: bytes) -> str:
        """Return, as N-Triples, the validation report (https://www.w3.org/TR/shacl/#validation-report) of a graph.

        :param shapes: Turtle
        :param data: N-Triples, with all that is known of classes
        """
        return self._process.submit(_validate, shapes, data).result()


def _start(class_path: list[str]) -> None:
    jpype.startJVM("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", classpath=class_path, convertStrings=True)


def _read(document: bytes, base: str) -> str | None:
    language = JClass("org.apache.jena.riot.Lang")
    graph = JClass("org.apache.jena.sparql.graph.GraphFactory").createGraphMem()
    silent = JClass("org.apache.jena.riot.system.ErrorHandlerFactory").errorHandlerNoWarnings
    source: Any = JClass("org.apache.jena.riot.RDFParser").source(JClass("java.io.ByteArrayInputStream")(document))
    try:
        source.lang(language.RDFXML).base(base).errorHandler(silent).parse(graph)
    except JClass("org.apache.jena.riot.RiotException"):
        return None
    return _written(graph, language.NTRIPLES)


def _fetch(address: str) -> str:
    dataset = JClass("org.apache.jena.sparql.core.DatasetGraphFactory").create()
    JClass("org.apache.jena.riot.RDFParser").source(address).parse(dataset)
    return _written(dataset, JClass("org.apache.jena.riot.Lang").NQUADS)


def _validate(shapes: bytes, data: bytes) -> str:
    language = JClass("org.apache.jena.riot.Lang")
    graphs: list[Any] = []
    for text, syntax in ((shapes, language.TURTLE), (data, language.NTRIPLES)):
        graphs.append(JClass("org.apache.jena.sparql.graph.GraphFactory").createGraphMem())
        stream = JClass("java.io.ByteArrayInputStream")(text)
        JClass("org.apache.jena.riot.RDFParser").source(stream).lang(syntax).parse(graphs[-1])
    parsed = JClass("org.apache.jena.shacl.Shapes").parse(graphs[0])
    report = JClass("org.apache.jena.shacl.ShaclValidator").get().validate(parsed, graphs[1])
    return _written(report.getGraph(), language.NTRIPLES)


def _written(content: Any, language: Any) -> str:
    output = JClass("java.io.ByteArrayOutputStream")()
    JClass("org.apache.jena.riot.RDFDataMgr").write(output, content, language)
    return str(output.toString("UTF-8"))
