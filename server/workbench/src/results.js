// Results of queries as tables of terms, whatever form they came in.

import { parse, tripleTerm } from "./ntriples.js";

/**
 * An RDF term; the value of a triple term is its text.
 * @typedef {object} Term
 * @property {"uri" | "literal" | "bnode" | "triple"} type
 * @property {string} value
 * @property {string} [datatype] IRI
 * @property {string} [language]
 * @property {string} [direction] of the text: ltr or rtl
 * @property {Term[]} [parts] subject, predicate and object of a triple term
 */

/** @typedef {(Term | null)[]} Row one cell a column; null where a variable is unbound */

/**
 * @typedef {object} Result
 * @property {"rows" | "boolean" | "graph"} kind
 * @property {string[]} columns
 * @property {Row[]} rows
 * @property {boolean} [boolean]
 * @property {boolean} [partial] there are more rows than these
 */

/** What the workbench can read: rows and booleans as JSON, graphs as N-Triples. */
export const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9";

/**
 * Return the result in an answer.
 * @param {{ type: string, text: string }} answer
 * @returns {Result}
 */
export function resultOf(answer) {
  if (answer.type === "application/n-triples") {
    return { kind: "graph", columns: ["subject", "predicate", "object"], rows: parse(answer.text) };
  }
  return resultOfJson(JSON.parse(answer.text));
}

/**
 * Return the result that the server has put into the page, as far as a page shows it.
 * @param {any} content
 * @returns {Result}
 */
export function resultInPage(content) {
  const kind = typeof content.boolean === "boolean" ? "boolean" : content.kind;
  const result = { kind, columns: content.columns ?? [], rows: content.rows ?? [], partial: !content.complete };
  return kind === "boolean" ? { ...result, boolean: content.boolean } : result;
}

/**
 * Return the result in a document of SPARQL 1.2 Query Results JSON (https://www.w3.org/TR/sparql12-results-json/).
 * @param {any} content
 * @returns {Result}
 */
function resultOfJson(content) {
  if (typeof content.boolean === "boolean") {
    return { kind: "boolean", columns: [], rows: [], boolean: content.boolean };
  }
  /** @type {string[]} */
  const columns = content.head.vars;
  const rows = content.results.bindings.map((/** @type {Record<string, any>} */ binding) =>
    columns.map((name) => (Object.hasOwn(binding, name) ? termOf(binding[name]) : null)),
  );
  return { kind: "rows", columns, rows };
}

/**
 * @param {any} written
 * @returns {Term}
 */
function termOf(written) {
  switch (written.type) {
    case "uri":
      return { type: "uri", value: written.value };
    case "bnode":
      return { type: "bnode", value: written.value };
    case "triple":
      return tripleTerm([written.value.subject, written.value.predicate, written.value.object].map(termOf));
    default:
      return {
        type: "literal",
        value: written.value,
        ...(written.datatype && { datatype: written.datatype }),
        ...(written["xml:lang"] && { language: written["xml:lang"] }),
        ...(written["its:dir"] && { direction: written["its:dir"] }),
      };
  }
}
