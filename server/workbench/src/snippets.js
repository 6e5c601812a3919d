// The query as a link, and as a program's: for curl and for Python.

const LONGEST_LINK = 8000;
const ACCEPTS = { rows: ["text/csv", "application/sparql-results+json"], graph: ["text/turtle", "text/turtle"] };

/**
 * Return the path and query of a page that shows a query and its result, or null where it is too long for an address.
 * @param {string} path of the workbench
 * @param {string} query
 * @param {string} view
 */
export function link(path, query, view) {
  const made = `${path}?${new URLSearchParams({ query, ...(view && view !== "table" ? { view } : {}) })}`;
  return made.length <= LONGEST_LINK ? made : null;
}

/**
 * Return the query as a command line.
 * @param {string} endpoint
 * @param {string} query
 * @param {"rows" | "graph"} kind of the result
 */
export function curl(endpoint, query, kind) {
  return `curl -H 'Accept: ${ACCEPTS[kind][0]}' \\\n  --data-urlencode ${quoted(`query=${query.trimEnd()}`)} \\\n  ${quoted(endpoint)}\n`;
}

/**
 * Return the query as a Python program that needs only the standard library.
 * @param {string} endpoint
 * @param {string} query
 * @param {"rows" | "graph"} kind of the result
 */
export function python(endpoint, query, kind) {
  const answer =
    kind === "graph"
      ? ["    print(response.read().decode())"]
      : [
          '    result = json.load(response)',
          'for row in result["results"]["bindings"] if "results" in result else [result["boolean"]]:',
          "    print(row)",
        ];
  return [
    ...(kind === "graph" ? [] : ["import json"]),
    "from urllib.parse import urlencode",
    "from urllib.request import Request, urlopen",
    "",
    `query = ${literal(query.trimEnd())}`,
    `headers = {"Accept": "${ACCEPTS[kind][1]}"}`,
    `request = Request(${literal(endpoint)}, urlencode({"query": query}).encode(), headers)`,
    "with urlopen(request) as response:",
    ...answer,
    "",
  ].join("\n");
}

/**
 * Quote a text for a POSIX shell.
 * @param {string} text
 */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Return a text as a string literal of Python: over several lines where it has some and needs no escape.
 * @param {string} text
 */
function literal(text) {
  const isPlain = text.includes("\n") && !text.includes("\\") && !text.includes('"""') && !/["\r]$|\r/.test(text);
  return isPlain ? `"""${text}"""` : JSON.stringify(text);
}
