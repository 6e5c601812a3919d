// N-Triples (https://www.w3.org/TR/n-triples/): what the endpoint writes when a query makes a graph.

/** @typedef {import("./results.js").Term} Term */

const TERM = /\s*(?:<([^>]*)>|_:(\S+)|"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@([A-Za-z0-9-]+))?)/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs;
/** @type {Record<string, string>} */
const ESCAPED = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

/**
 * Return the triples of a document, each as subject, predicate and object.
 * @param {string} text
 * @returns {Term[][]}
 * @throws {SyntaxError} at a line that holds anything else
 */
export function parse(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() && !line.startsWith("#"))
    .map(triple);
}

/** @param {string} line */
function triple(line) {
  const found = [];
  TERM.lastIndex = 0;
  for (let i = 0; i < 3; i += 1) {
    const match = TERM.exec(line);
    if (!match) throw new SyntaxError(`no N-Triples: ${line.slice(0, 80)}`);
    found.push(termOf(match));
  }
  return found;
}

/**
 * @param {RegExpExecArray} match
 * @returns {Term}
 */
function termOf([, iri, blank, literal, datatype, language]) {
  if (iri !== undefined) return { type: "uri", value: unescaped(iri) };
  if (blank !== undefined) return { type: "bnode", value: blank };
  return {
    type: "literal",
    value: unescaped(literal ?? ""),
    ...(datatype && { datatype: unescaped(datatype) }),
    ...(language && { language }),
  };
}

/** @param {string} text */
function unescaped(text) {
  return text.replace(ESCAPE, (_, short, long, letter) =>
    letter === undefined ? String.fromCodePoint(parseInt(short ?? long, 16)) : (ESCAPED[letter] ?? letter),
  );
}
