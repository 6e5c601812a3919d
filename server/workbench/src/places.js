// A result by its places: a list, as there is no map that would not be fetched from elsewhere.

import { cell, paragraphLink } from "./cells.js";
import { h } from "./dom.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./results.js").Row} Row
 */

const MOST = 200;

/**
 * Return the places of a result under what they lie in, each with the rest of its rows.
 * @param {Shown} shown
 */
export function places(shown) {
  const column = shown.columns.find((found) => found.place);
  if (!column) return h("div", {});
  const around = grouped(shown, column.index);
  const sections = [...around].sort(byName).map(([within, found]) =>
    h(
      "section",
      {},
      h("h3", {}, within || "Elsewhere, or a country itself"),
      h("dl", { class: "facts" }, ...[...found].map(([iri, rows]) => place(shown, column.index, iri, rows))),
    ),
  );
  return h("div", { class: "wb-places" }, ...sections);
}

/**
 * Return the rows of each place, by what the places lie in.
 * @param {Shown} shown
 * @param {number} index
 * @returns {Map<string, Map<string, Row[]>>}
 */
function grouped(shown, index) {
  /** @type {Map<string, Map<string, Row[]>>} */
  const around = new Map();
  for (const row of shown.result.rows) {
    const term = row[index];
    if (!term) continue;
    const within = shown.names.of(term.value).within ?? "";
    const found = around.get(within) ?? new Map();
    around.set(within, found.set(term.value, [...(found.get(term.value) ?? []), row]));
  }
  return around;
}

/**
 * @param {[string, unknown]} a
 * @param {[string, unknown]} b
 */
function byName([a], [b]) {
  if (!a || !b) return a ? -1 : 1;
  return a < b ? -1 : 1;
}

/**
 * @param {Shown} shown
 * @param {number} index
 * @param {string} iri
 * @param {Row[]} rows
 */
function place(shown, index, iri, rows) {
  const items = rows.slice(0, MOST).map((row) => h("li", {}, ...others(shown, index, row)));
  if (rows.length > MOST) items.push(h("li", { class: "more" }, `and ${rows.length - MOST} more, in the table`));
  const list = shown.columns.length > 1 ? h("ul", {}, ...items) : `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  return h("div", {}, h("dt", {}, cell({ type: "uri", value: iri }, shown.names)), h("dd", {}, list));
}

/**
 * @param {Shown} shown
 * @param {number} index
 * @param {Row} row
 */
function others(shown, index, row) {
  const source = row[shown.result.columns.indexOf("source")];
  return shown.columns.flatMap((column) => {
    const term = row[column.index];
    if (!term || column.index === index) return [];
    const isParagraph = source && shown.result.columns[column.index] === "paragraph";
    return [h("span", { class: "wb-said" }, isParagraph ? paragraphLink(source, term, shown.names) : cell(term, shown.names))];
  });
}
