// N-Triples (https://www.w3.org/TR/rdf12-n-triples/): what the endpoint writes when a query makes a graph.

/** @typedef {import("./results.js").Term} Term */

const TERM =
  /\s*(?:(<<\()|(\)>>)|<([^>]*)>|_:([^\s()]+)|"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)(?:--(ltr|rtl))?)?)/y;
const STRING = "http://www.w3.org/2001/XMLSchema#string";
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
  TERM.lastIndex = 0;
  return terms(line);
}

/**
 * Return the next three terms of a line.
 * @param {string} line
 * @returns {Term[]}
 */
function terms(line) {
  const found = [];
  for (let i = 0; i < 3; i += 1) {
    const match = TERM.exec(line);
    if (!match || match[2]) throw unreadable(line);
    found.push(match[1] ? inner(line) : termOf(match));
  }
  return found;
}

/**
 * Return the triple term that has begun.
 * @param {string} line
 */
function inner(line) {
  const term = tripleTerm(terms(line));
  if (!TERM.exec(line)?.[2]) throw unreadable(line);
  return term;
}

/** @param {string} line */
function unreadable(line) {
  return new SyntaxError(`no N-Triples: ${line.slice(0, 80)}`);
}

/**
 * Return the triple term with these parts.
 * @param {Term[]} parts
 * @returns {Term}
 */
export function tripleTerm(parts) {
  return { type: "triple", value: `<<( ${parts.map(written).join(" ")} )>>`, parts };
}

/**
 * Return a term as N-Triples writes it.
 * @param {Term} term
 */
export function written(term) {
  if (term.type === "uri") return `<${term.value}>`;
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type === "triple") return term.value;
  const text = term.value.replace(/["\\\n\r]/g, (letter) => `\\${{ "\n": "n", "\r": "r" }[letter] ?? letter}`);
  if (term.language) return `"${text}"@${term.language}${term.direction ? `--${term.direction}` : ""}`;
  return term.datatype && term.datatype !== STRING ? `"${text}"^^<${term.datatype}>` : `"${text}"`;
}

/**
 * @param {RegExpExecArray} match
 * @returns {Term}
 */
function termOf([, , , iri, blank, literal, datatype, language, direction]) {
  if (iri !== undefined) return { type: "uri", value: unescaped(iri) };
  if (blank !== undefined) return { type: "bnode", value: blank };
  return {
    type: "literal",
    value: unescaped(literal ?? ""),
    ...(datatype && { datatype: unescaped(datatype) }),
    ...(language && { language }),
    ...(direction && { direction }),
  };
}

/** @param {string} text */
function unescaped(text) {
  return text.replace(ESCAPE, (_, short, long, letter) =>
    letter === undefined ? String.fromCodePoint(parseInt(short ?? long, 16)) : (ESCAPED[letter] ?? letter),
  );
}
