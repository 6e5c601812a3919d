// Links from the values of a result to who says so.

import { h } from "./dom.js";
import { written } from "./ntriples.js";

/**
 * @typedef {import("./results.js").Term} Term
 * @typedef {import("./results.js").Row} Row
 * @typedef {Record<string, [string, string][]>} Objects column -> subject and predicate of each pattern that it is the
 *   object of: IRIs, or columns with a question mark
 */

const LONGEST = 8000;

/**
 * Return the link from a value to who says so, or null where nobody can tell which statement it is of.
 * @param {number} index of its column
 * @param {Row} row
 * @param {{ result: { columns: string[] }, asking: { page: string, objects: Objects } }} shown
 */
export function asking(index, row, { result, asking: { page, objects } }) {
  const parameters = statements(result.columns[index] ?? "", row, result.columns, objects).toString();
  if (!parameters || parameters.length > LONGEST) return null;
  const words = { title: "Who says so?", "aria-label": "Who says so?" };
  return h("a", { href: `${page}?${parameters}`, class: "who", rel: "nofollow", ...words });
}

/**
 * Return the statements that a value can be the object of, as the parameters of an address; none where there is none.
 * @param {string} column
 * @param {Row} row
 * @param {string[]} columns
 * @param {Objects} objects
 */
export function statements(column, row, columns, objects) {
  const found = new URLSearchParams();
  const of = (/** @type {string} */ name) => row[columns.indexOf(name)] ?? null;
  const value = of(column);
  if (value?.type !== "uri" && value?.type !== "literal") return found;
  const iri = (/** @type {string} */ part) => {
    const term = part.startsWith("?") ? of(part.slice(1)) : { type: "uri", value: part };
    return term?.type === "uri" ? term.value : "";
  };
  for (const [subject, predicate] of Object.hasOwn(objects, column) ? (objects[column] ?? []) : []) {
    if (!iri(subject) || !iri(predicate)) continue;
    found.append("subject", iri(subject));
    found.append("property", iri(predicate));
  }
  if (found.has("subject")) found.append("value", value.type === "uri" ? value.value : written(value));
  return found;
}
