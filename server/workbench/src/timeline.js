// A result in the order of time: a scale with a mark for each row, and the rows as a list below it.

import { cell } from "./cells.js";
import { choice, h, s } from "./dom.js";
import { columnsOfKinds } from "./shown.js";
import { timeOf } from "./values.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./columns.js").Column} Column
 * @typedef {import("./values.js").Time} Time
 * @typedef {{ time: Time, until: Time | null, row: import("./results.js").Row }} Entry
 */

const MOST = 300;
const DAY = 86_400_000;

/**
 * Return a timeline with its choices.
 * @param {Shown} shown
 */
export function timeline(shown) {
  const times = columnsOfKinds(shown, "time");
  const state = { from: 0, until: times.length > 1 ? 2 : 0 };
  const whole = h("div", {});
  const draw = () => {
    const from = times[state.from] ?? times[0];
    if (!from) return;
    const until = times[state.until - 1];
    const entries = entriesOf(shown, from, until === from ? undefined : until);
    const drawn = entries.slice(0, MOST);
    whole.replaceChildren(
      ...(times.length > 1 ? [choices(times, state, update)] : []),
      drawing(drawn),
      h("p", { class: "count" }, summary(entries.length, drawn.length, shown.result.rows.length)),
      list(shown, drawn, [from, until]),
    );
  };
  /** @param {Partial<typeof state>} changed */
  function update(changed) {
    Object.assign(state, changed);
    draw();
  }
  draw();
  return whole;
}

/**
 * @param {Column[]} times
 * @param {{ from: number, until: number }} state
 * @param {(changed: Partial<{ from: number, until: number }>) => void} update
 */
function choices(times, state, update) {
  const names = times.map((column) => column.name);
  return h(
    "div",
    { class: "wb-bar wb-choices" },
    choice("From", names, state.from, (from) => update({ from })),
    choice("until", ["the same", ...names], state.until, (until) => update({ until })),
  );
}

/**
 * @param {Shown} shown
 * @param {Column} from
 * @param {Column | undefined} until
 * @returns {Entry[]}
 */
function entriesOf(shown, from, until) {
  const entries = shown.result.rows.flatMap((row) => {
    const time = timeOf(row[from.index] ?? null);
    return time ? [{ time, until: until ? timeOf(row[until.index] ?? null) : null, row }] : [];
  });
  return entries.sort((a, b) => a.time.start - b.time.start);
}

/**
 * @param {number} dated
 * @param {number} drawn
 * @param {number} all
 */
function summary(dated, drawn, all) {
  const first = drawn < dated ? `The first ${drawn} of ${dated} dated rows` : `${dated} dated row${dated === 1 ? "" : "s"}`;
  return dated < all ? `${first}; ${all - dated} more without a date, in the table.` : `${first}.`;
}

/**
 * Return a scale of time: a dot for each day, a bar for what is longer or less precise.
 * @param {Entry[]} entries
 */
function drawing(entries) {
  const first = Math.min(...entries.map((entry) => entry.time.start));
  const last = Math.max(...entries.map(endOf));
  const x = (/** @type {number} */ at) => 1 + ((at - first) / Math.max(last - first, DAY)) * 98; // per cent
  const marks = entries.map((entry) => mark(entry, x));
  const axis = s("line", { x1: 0, x2: "100%", y1: 20, y2: 20, class: "wb-axis" });
  const [from, to] = [first, last - 1].map((at) => new Date(at).toISOString().slice(0, 10));
  const scale = s("svg", { width: "100%", height: 40, role: "img", "aria-label": `Scale of time from ${from} to ${to}` }, axis, ...marks);
  const ends = [from, to].filter((end, i) => i === 0 || end !== from).map((end) => h("span", {}, end));
  return h("div", { class: "wb-drawing" }, scale, h("p", { class: "wb-ends" }, ...ends));
}

/** @param {Entry} entry */
function endOf(entry) {
  return Math.max(entry.time.end, entry.until?.end ?? 0);
}

/**
 * @param {Entry} entry
 * @param {(at: number) => number} x
 */
function mark(entry, x) {
  const [start, end] = [entry.time.start, endOf(entry)];
  const title = s("title", {}, entry.until ? `${entry.time.text} to ${entry.until.text}` : entry.time.text);
  if (end - start <= DAY) return s("circle", { cx: `${x(start)}%`, cy: 20, r: 6, class: "wb-dot" }, title);
  return s("rect", { x: `${x(start)}%`, y: 16, width: `${x(end) - x(start)}%`, height: 8, rx: 4, class: "wb-span" }, title);
}

/**
 * @param {Shown} shown
 * @param {Entry[]} entries
 * @param {(Column | undefined)[]} used
 */
function list(shown, entries, used) {
  /** @type {[number, HTMLLIElement[]][]} */
  const years = [];
  for (const entry of entries) {
    if (years.at(-1)?.[0] !== entry.time.year) years.push([entry.time.year, []]);
    years.at(-1)?.[1].push(item(shown, entry, used));
  }
  const parts = years.flatMap(([year, items]) => [h("h3", {}, String(year)), h("ol", {}, ...items)]);
  return h("div", { class: "wb-timeline" }, ...parts);
}

/**
 * @param {Shown} shown
 * @param {Entry} entry
 * @param {(Column | undefined)[]} used
 */
function item(shown, entry, used) {
  const when = entry.until ? `${entry.time.text} – ${entry.until.text}` : entry.time.text;
  const said = shown.columns
    .filter((column) => !used.includes(column) && entry.row[column.index])
    .map((column, i) => {
      const of = i === 0 ? null : h("span", { class: "wb-of" }, `${column.name} `);
      return h("span", { class: "wb-said" }, of, cell(entry.row[column.index] ?? null, shown.names));
    });
  return h("li", {}, h("time", {}, when), h("div", {}, ...said));
}
