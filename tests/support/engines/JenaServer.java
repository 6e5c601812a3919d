import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.jena.atlas.web.AcceptList;
import org.apache.jena.atlas.web.ContentType;
import org.apache.jena.atlas.web.MediaType;
import org.apache.jena.graph.Graph;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryCancelledException;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.query.QueryParseException;
import org.apache.jena.query.ReadWrite;
import org.apache.jena.query.ResultSet;
import org.apache.jena.query.Syntax;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.riot.RDFLanguages;
import org.apache.jena.riot.RDFParser;
import org.apache.jena.riot.RiotException;
import org.apache.jena.riot.resultset.ResultSetLang;
import org.apache.jena.riot.system.ErrorHandlerFactory;
import org.apache.jena.riot.system.StreamRDFLib;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.DynamicDatasets;
import org.apache.jena.sparql.resultset.ResultsWriter;
import org.apache.jena.sys.JenaSystem;
import org.apache.jena.tdb2.DatabaseMgr;
import org.apache.jena.tdb2.TDB2;
import org.apache.jena.update.UpdateAction;
import org.apache.jena.update.UpdateFactory;
import org.apache.jena.update.UpdateRequest;

/**
 * The SPARQL 1.1 Protocol (/query, /update) and Graph Store Protocol (/data) over a TDB2 database, for tests on the
 * loopback address: Fuseki without its settings, accounts and pages. Arguments: port, folder, is the default graph the union.
 */
public final class JenaServer {
    private static final long SECONDS = 60;
    private static final Map<String, Lang> RESULTS = Map.of(
        "application/sparql-results+json", ResultSetLang.RS_JSON,
        "application/sparql-results+xml", ResultSetLang.RS_XML,
        "text/csv", ResultSetLang.RS_CSV,
        "text/tab-separated-values", ResultSetLang.RS_TSV);
    private static final AcceptList RESULT_TYPES = AcceptList.create(
        "application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values");
    private static final AcceptList GRAPH_TYPES = AcceptList.create(
        "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json");

    private final DatasetGraph data;

    private JenaServer(DatasetGraph data) {
        this.data = data;
    }

    public static void main(String[] arguments) throws IOException {
        JenaSystem.init();
        DatasetGraph data = DatabaseMgr.connectDatasetGraph(arguments[1]);
        data.getContext().set(TDB2.symUnionDefaultGraph, Boolean.parseBoolean(arguments[2]));
        JenaServer served = new JenaServer(data);
        InetSocketAddress address =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 128);
        server.createContext("/query", exchange -> answer(exchange, served::query));
        server.createContext("/update", exchange -> answer(exchange, served::update));
        server.createContext("/data", exchange -> answer(exchange, served::store));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    /** A request that cannot be served as it is. */
    private static final class Refused extends RuntimeException {
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    /** Handle a request; once the answer has begun, an error breaks the connection instead of ending the answer. */
    private static void answer(HttpExchange exchange, Handler handler) throws IOException {
        exchange.getResponseHeaders().set("Server", "Apache Jena without Fuseki");
        try {
            handler.handle(exchange);
        } catch (Refused error) {
            fail(exchange, error.status, error);
        } catch (QueryParseException | RiotException | NumberFormatException error) {
            fail(exchange, 400, error);
        } catch (QueryCancelledException error) {
            fail(exchange, 503, error);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError error) {
            fail(exchange, 500, error);
        }
        exchange.close();
    }

    private static void fail(HttpExchange exchange, int status, Throwable error) throws IOException {
        if (exchange.getResponseCode() != -1) {
            throw new IOException(error);
        }
        byte[] text = String.valueOf(error.getMessage()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, text.length == 0 ? -1 : text.length);
        exchange.getResponseBody().write(text);
    }

    private void query(HttpExchange exchange) throws IOException {
        Map<String, List<String>> parameters = parameters(exchange, "query", "application/sparql-query");
        Query query = QueryFactory.create(only(parameters, "query"), Syntax.syntaxARQ);
        long seconds = parameters.containsKey("timeout") ? Long.parseLong(only(parameters, "timeout")) : SECONDS;
        List<String> defaults = parameters.getOrDefault("default-graph-uri", List.of());
        List<String> named = parameters.getOrDefault("named-graph-uri", List.of());
        data.begin(ReadWrite.READ);
        try {
            DatasetGraph asked = data;
            if (!defaults.isEmpty() || !named.isEmpty()) {
                asked = DynamicDatasets.dynamicDataset(nodes(defaults), nodes(named), data, false);
            }
            try (QueryExecution execution =
                QueryExecution.create().dataset(asked).query(query).timeout(seconds, TimeUnit.SECONDS).build()) {
                execute(exchange, query, execution);
            }
        } finally {
            data.end();
        }
    }

    private static void execute(HttpExchange exchange, Query query, QueryExecution execution) throws IOException {
        if (query.isAskType()) {
            boolean found = execution.execAsk();
            MediaType type = accepted(exchange, RESULT_TYPES);
            ResultsWriter writer = ResultsWriter.create().lang(RESULTS.get(type.getContentTypeStr())).build();
            try (OutputStream output = begin(exchange, type)) {
                writer.write(output, found);
            }
        } else if (query.isSelectType()) {
            MediaType type = accepted(exchange, RESULT_TYPES);
            ResultsWriter writer = ResultsWriter.create().lang(RESULTS.get(type.getContentTypeStr())).build();
            ResultSet rows = execution.execSelect();
            rows.hasNext(); // what fails at the first row still has a status of its own
            OutputStream output = begin(exchange, type);
            writer.write(output, rows);
            output.close();
        } else {
            MediaType type = accepted(exchange, GRAPH_TYPES);
            Model model = query.isDescribeType() ? execution.execDescribe() : execution.execConstruct();
            try (OutputStream output = begin(exchange, type)) {
                RDFDataMgr.write(output, model, RDFLanguages.contentTypeToLang(type.getContentTypeStr()));
            }
        }
    }

    private void update(HttpExchange exchange) throws IOException {
        Map<String, List<String>> parameters = parameters(exchange, "update", "application/sparql-update");
        if (!exchange.getRequestMethod().equals("POST")) {
            throw new Refused(405, "updates come by POST");
        }
        UpdateRequest request = UpdateFactory.create(only(parameters, "update"), Syntax.syntaxARQ);
        write(() -> UpdateAction.execute(request, data));
        exchange.sendResponseHeaders(204, -1);
    }

    private void store(HttpExchange exchange) throws IOException {
        Map<String, List<String>> parameters = new HashMap<>();
        decode(exchange.getRequestURI().getRawQuery(), parameters);
        if (parameters.containsKey("graph") == parameters.containsKey("default")) {
            throw new Refused(400, "one of the parameters graph and default is needed");
        }
        Node name = parameters.containsKey("graph") ? NodeFactory.createURI(only(parameters, "graph")) : null;
        switch (exchange.getRequestMethod()) {
            case "GET", "HEAD" -> get(exchange, name);
            case "PUT", "POST" -> put(exchange, name);
            case "DELETE" -> delete(exchange, name);
            default -> throw new Refused(405, "GET, HEAD, PUT, POST and DELETE are known");
        }
    }

    private void get(HttpExchange exchange, Node name) throws IOException {
        data.begin(ReadWrite.READ);
        try {
            if (name != null && !data.containsGraph(name)) {
                throw new Refused(404, "there is no such graph");
            }
            MediaType type = accepted(exchange, GRAPH_TYPES);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Type", type.getContentTypeStr());
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            Lang language = RDFLanguages.contentTypeToLang(type.getContentTypeStr());
            Graph graph = graph(name);
            try (OutputStream output = begin(exchange, type)) {
                RDFDataMgr.write(output, graph, language);
            }
        } finally {
            data.end();
        }
    }

    private void put(HttpExchange exchange, Node name) throws IOException {
        String sent = exchange.getRequestHeaders().getFirst("Content-Type");
        Lang language = sent == null ? Lang.TURTLE : RDFLanguages.contentTypeToLang(ContentType.create(sent));
        if (language == null || !RDFLanguages.isTriples(language)) {
            throw new Refused(415, "no known format of triples: " + sent);
        }
        boolean[] existed = {true};
        InputStream body = exchange.getRequestBody();
        write(() -> {
            existed[0] = name == null || data.containsGraph(name);
            if (exchange.getRequestMethod().equals("PUT")) {
                graph(name).clear();
            }
            RDFParser.source(body).lang(language).base("http://127.0.0.1/").errorHandler(
                ErrorHandlerFactory.errorHandlerStd).parse(StreamRDFLib.graph(graph(name)));
        });
        exchange.sendResponseHeaders(existed[0] ? 204 : 201, -1);
    }

    private void delete(HttpExchange exchange, Node name) throws IOException {
        write(() -> {
            if (name != null && !data.containsGraph(name)) {
                throw new Refused(404, "there is no such graph");
            }
            graph(name).clear();
        });
        exchange.sendResponseHeaders(204, -1);
    }

    /** Write in one transaction, which an error undoes. */
    private void write(Runnable change) {
        data.begin(ReadWrite.WRITE);
        try {
            change.run();
            data.commit();
        } catch (RuntimeException | Error error) {
            data.abort();
            throw error;
        } finally {
            data.end();
        }
    }

    private Graph graph(Node name) {
        return name == null ? data.getDefaultGraph() : data.getGraph(name);
    }

    private static OutputStream begin(HttpExchange exchange, MediaType type) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type.getContentTypeStr());
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    private static MediaType accepted(HttpExchange exchange, AcceptList offered) {
        List<String> wanted = exchange.getRequestHeaders().get("Accept");
        MediaType found = wanted == null
            ? offered.first()
            : AcceptList.match(new AcceptList(String.join(",", wanted)), offered);
        if (found == null) {
            throw new Refused(406, "no such format");
        }
        return found;
    }

    /** Read the parameters of a query or an update, from the address and from the body. */
    private static Map<String, List<String>> parameters(HttpExchange exchange, String name, String direct)
        throws IOException {
        Map<String, List<String>> found = new HashMap<>();
        decode(exchange.getRequestURI().getRawQuery(), found);
        if (exchange.getRequestMethod().equals("POST")) {
            String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (sent.startsWith(direct)) {
                found.computeIfAbsent(name, key -> new ArrayList<>()).add(body);
            } else if (sent.startsWith("application/x-www-form-urlencoded")) {
                decode(body, found);
            } else {
                throw new Refused(415, "a form or " + direct + " is known");
            }
        }
        return found;
    }

    private static void decode(String text, Map<String, List<String>> found) {
        for (String pair : text == null ? new String[0] : text.split("&")) {
            String[] parts = pair.split("=", 2);
            String value = parts.length > 1 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "";
            found.computeIfAbsent(URLDecoder.decode(parts[0], StandardCharsets.UTF_8), key -> new ArrayList<>())
                .add(value);
        }
    }

    private static String only(Map<String, List<String>> parameters, String name) {
        List<String> values = parameters.getOrDefault(name, List.of());
        if (values.size() != 1) {
            throw new Refused(400, "the parameter " + name + " is needed once");
        }
        return values.get(0);
    }

    private static List<Node> nodes(List<String> names) {
        return names.stream().map(NodeFactory::createURI).toList();
    }
}
