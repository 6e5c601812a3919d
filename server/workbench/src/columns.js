// What the columns of a result hold, and hence in which ways it can be shown.

import { isTime, numberOf, timeOf } from "./values.js";

/**
 * @typedef {import("./results.js").Result} Result
 * @typedef {import("./results.js").Row} Row
 * @typedef {import("./names.js").Names} Names
 * @typedef {"table" | "chart" | "timeline" | "network" | "places" | "turtle"} View
 */

/**
 * @typedef {object} Column
 * @property {number} index
 * @property {string} name for readers
 * @property {"number" | "time" | "thing" | "text"} kind what all its values are
 * @property {boolean} citation it says where the row is from: a source, a passage, the number of a paragraph
 * @property {boolean} place all its values are places
 */

/**
 * Return the columns of a result.
 * @param {Result} result
 * @param {Names} names
 * @returns {Column[]}
 */
export function columnsOf(result, names) {
  const source = result.columns.indexOf("source");
  return result.columns.map((name, index) => {
    const terms = result.rows.map((row) => row[index] ?? null).filter((term) => term !== null);
    const things = terms.filter((term) => term.type === "uri").map((term) => names.of(term.value));
    const isThing = things.length > 0 && terms.every((term) => term.type === "uri" || term.type === "bnode");
    const cited = isThing && things.every((thing) => thing.passage);
    return {
      index,
      name: name.replaceAll("_", " "),
      kind: isThing ? "thing" : kindOf(terms),
      citation: cited || index === source || (name === "paragraph" && source >= 0),
      place: isThing && things.every((thing) => thing.place),
    };
  });
}

/**
 * Return the ways to show a result.
 * @param {Result} result
 * @param {Column[]} columns
 * @returns {View[]}
 */
export function viewsOf(result, columns) {
  if (result.kind === "boolean" || result.rows.length === 0) return [];
  /** @type {View[]} */
  const views = ["table"];
  const told = columns.filter((column) => !column.citation);
  const has = (/** @type {(column: Column) => boolean} */ test) => told.filter(test).length;
  if (result.kind === "graph") return [...views, "network", "turtle"];
  if (result.rows.length > 1 && told.length > 1 && has((column) => column.kind === "number")) views.push("chart");
  if (has((column) => column.kind === "time")) views.push("timeline");
  if (has((column) => column.kind === "thing") > 1) views.push("network");
  if (has((column) => column.place)) views.push("places");
  return views;
}

/**
 * @param {import("./results.js").Term[]} terms
 * @returns {Column["kind"]}
 */
function kindOf(terms) {
  if (terms.length === 0) return "text";
  if (terms.every((term) => numberOf(term) !== null)) return "number";
  return terms.every(isTime) && terms.some((term) => timeOf(term) !== null) ? "time" : "text";
}
