// A result in the order of time: a scale with a mark for each row, and the rows as a list below it.

import { thing, cell } from "./cells.js";
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
    { class: "bar choices" },
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

/** @param {Entry[]} entries */
function drawing(entries) {
  const first = Math.min(...entries.map((entry) => entry.time.start));
  const last = Math.max(...entries.map((entry) => (entry.until ?? entry.time).start));
  const space = Math.max(last - first, DAY);
  const x = (/** @type {number} */ at) => 2 + ((at - first) / space) * 96; // per cent
  const marks = entries.map((entry) => {
    const end = entry.until && entry.until.start > entry.time.start ? entry.until : null;
    const title = s("title", {}, end ? `${entry.time.text} to ${end.text}` : entry.time.text);
    if (!end) return s("circle", { cx: `${x(entry.time.start)}%`, cy: 20, r: 6, class: "dot" }, title);
    const width = Math.max(1, x(end.start) - x(entry.time.start));
    return s("rect", { x: `${x(entry.time.start)}%`, y: 15, width: `${width}%`, height: 10, rx: 5, class: "dot" }, title);
  });
  const axis = s("line", { x1: 0, x2: "100%", y1: 20, y2: 20, class: "axis" });
  const label = `Scale of time from ${entries[0]?.time.text} to ${(entries.at(-1)?.until ?? entries.at(-1)?.time)?.text}`;
  const scale = s("svg", { width: "100%", height: 40, role: "img", "aria-label": label }, axis, ...marks);
  const ends = [first, last].map((at) => h("span", {}, new Date(at).toISOString().slice(0, 10)));
  return h("div", { class: "drawing" }, scale, h("p", { class: "ends" }, ...(last > first ? ends : ends.slice(0, 1))));
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
  return h("div", { class: "timeline" }, ...parts);
}

/**
 * @param {Shown} shown
 * @param {Entry} entry
 * @param {(Column | undefined)[]} used
 */
function item(shown, entry, used) {
  const when = entry.until ? `${entry.time.text} – ${entry.until.text}` : entry.time.text;
  const said = shown.columns
    .filter((column) => !used.includes(column))
    .flatMap((column) => {
      const term = entry.row[column.index] ?? null;
      if (!term) return [];
      const content = term.type === "uri" ? thing(term.value, shown.names) : cell(term, shown.names);
      return [h("span", { class: "said" }, h("span", { class: "of" }, `${column.name} `), content)];
    });
  return h("li", {}, h("time", {}, when), h("div", {}, ...said));
}
