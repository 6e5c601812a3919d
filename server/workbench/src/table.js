// A result as a table: sorted by any column, a page at a time.

import { asking } from "./asking.js";
import { cell, paragraphLink } from "./cells.js";
import { button, h } from "./dom.js";
import { numberOf, timeOf } from "./values.js";

/**
 * @typedef {import("./results.js").Row} Row
 * @typedef {import("./shown.js").Shown} Shown
 */

const PAGE = 50;
const collator = new Intl.Collator("en", { numeric: true });

/**
 * Return a table.
 * @param {Shown} shown
 */
export function table(shown) {
  const state = { rows: shown.result.rows, page: 0, column: -1, descending: false };
  const whole = h("div", {});
  const draw = () => whole.replaceChildren(...parts(shown, state, change));
  /** @param {Partial<typeof state>} changed */
  function change(changed) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset["key"];
    Object.assign(state, changed);
    if ("column" in changed || "descending" in changed) state.rows = sorted(shown, state.column, state.descending);
    draw();
    /** @type {HTMLElement | null} */ (whole.querySelector(`[data-key="${focused}"]:not(:disabled)`))?.focus();
  }
  draw();
  return whole;
}

/**
 * Return rows in the order of a column: numbers and times by value, all else by what readers see; unbound ones last.
 * @param {Shown} shown
 * @param {number} column
 * @param {boolean} descending
 * @returns {Row[]}
 */
export function sorted(shown, column, descending) {
  const keyed = shown.result.rows.map((row) => {
    const term = row[column] ?? null;
    return { row, value: numberOf(term) ?? timeOf(term)?.start ?? null, text: shown.names.text(term), bound: term !== null };
  });
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.bound !== b.bound) return a.bound ? -1 : 1;
    const both = a.value !== null && b.value !== null;
    return sign * (both ? Number(a.value) - Number(b.value) : collator.compare(a.text, b.text));
  });
  return keyed.map((found) => found.row);
}

/**
 * @param {Shown} shown
 * @param {{ rows: Row[], page: number, column: number, descending: boolean }} state
 * @param {(changed: Partial<{ page: number, column: number, descending: boolean }>) => void} change
 */
function parts(shown, state, change) {
  const start = state.page * PAGE;
  const heads = shown.columns.map((column) => {
    const isSorted = state.column === column.index;
    const sort = isSorted ? (state.descending ? "descending" : "ascending") : undefined;
    const arrow = h("span", { "aria-hidden": "true", class: "wb-arrow" }, isSorted ? (state.descending ? "▼" : "▲") : "↕");
    const act = () => change({ column: column.index, descending: isSorted && !state.descending, page: 0 });
    const sorter = button(column.name, act, { class: "wb-sorter", "data-key": `sort-${column.index}` });
    sorter.append(arrow);
    return h("th", { scope: "col", "aria-sort": sort, class: column.kind === "number" && "number" }, sorter);
  });
  const body = state.rows.slice(start, start + PAGE).map((row) => line(shown, row));
  const grid = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...body));
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the result" }, grid);
  return state.rows.length > PAGE ? [scroll, pager(state.rows.length, state.page, (page) => change({ page }))] : [scroll];
}

/**
 * @param {Shown} shown
 * @param {Row} row
 */
function line(shown, row) {
  const source = row[shown.result.columns.indexOf("source")];
  const cells = shown.columns.map((column) => {
    const term = row[column.index] ?? null;
    const isParagraph = shown.result.columns[column.index] === "paragraph" && source && term;
    const content = isParagraph ? paragraphLink(source, term, shown.names) : cell(term, shown.names);
    const link = term && asking(column.index, row, shown);
    return h("td", { class: column.kind === "number" && "number" }, content, link);
  });
  return h("tr", {}, ...cells);
}

/**
 * @param {number} count
 * @param {number} page
 * @param {(page: number) => void} turn
 */
function pager(count, page, turn) {
  const last = Math.ceil(count / PAGE) - 1;
  const text = `Rows ${page * PAGE + 1} to ${Math.min(count, (page + 1) * PAGE)} of ${count.toLocaleString("en")}`;
  return h(
    "nav",
    { class: "wb-bar wb-pager", "aria-label": "Pages of the result" },
    button("Previous", () => turn(page - 1), { disabled: page === 0, "data-key": "previous" }),
    h("span", { role: "status" }, text),
    button("Next", () => turn(page + 1), { disabled: page === last, "data-key": "next" }),
  );
}
