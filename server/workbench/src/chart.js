// A result as bars or as a line: a number for each row.

import { choice, h, s } from "./dom.js";
import { clipped, columnsOfKinds } from "./shown.js";
import { numberOf, ticks, timeOf, written } from "./values.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./columns.js").Column} Column
 * @typedef {{ label: string, at: number | null, value: number }} Point
 */

const MOST = 60;
const MOST_OF_LINE = 2000;
const BAR = 26;
const LETTER = 7.2;

/**
 * Return a chart with its choices.
 * @param {Shown} shown
 */
export function chart(shown) {
  const values = columnsOfKinds(shown, "number");
  const others = columnsOfKinds(shown, "time", "thing", "text", "number");
  const state = { value: values.length - 1, by: 0, form: 0 };
  const drawing = h("figure", { class: "wb-drawing" });
  const choices = h("div", { class: "wb-bar wb-choices" });
  const whole = h("div", {}, choices, drawing);
  const draw = () => {
    const value = values[state.value] ?? values[0];
    const labels = others.filter((column) => column !== value);
    const by = labels[state.by] ?? labels[0];
    if (!value || !by) return;
    const isScale = by.kind === "time" || by.kind === "number";
    choices.replaceChildren(
      choice("Show", values.map((column) => column.name), state.value, (value) => update({ value, by: 0 })),
      choice("by", labels.map((column) => column.name), state.by, (by) => update({ by })),
      ...(isScale ? [choice("as", ["bars", "line"], state.form, (form) => update({ form }))] : []),
    );
    const points = pointsOf(shown, value, by);
    const title = `${value.name} by ${by.name}`;
    const width = Math.max(280, drawing.clientWidth || 640);
    const isLine = isScale && state.form === 1;
    drawing.replaceChildren(...(isLine ? lineParts(points, title, by, width) : barParts(points, title, width)));
  };
  /** @param {Partial<typeof state>} changed */
  function update(changed) {
    Object.assign(state, changed);
    draw();
  }
  let drawn = 0;
  new ResizeObserver(() => {
    if (drawing.clientWidth !== drawn) {
      drawn = drawing.clientWidth;
      draw();
    }
  }).observe(drawing);
  return whole;
}

/**
 * @param {Shown} shown
 * @param {Column} value
 * @param {Column} by
 * @returns {Point[]}
 */
function pointsOf(shown, value, by) {
  return shown.result.rows.flatMap((row) => {
    const number = numberOf(row[value.index] ?? null);
    const term = row[by.index] ?? null;
    const time = timeOf(term);
    const label = time?.text ?? (shown.names.text(term) || "(none)");
    return number === null ? [] : [{ label, at: time?.start ?? numberOf(term), value: number }];
  });
}

/**
 * @param {Point[]} points
 * @param {string} title
 * @param {number} width
 */
function barParts(points, title, width) {
  const drawn = points.slice(0, MOST);
  const [least, greatest] = range(drawn.map((point) => point.value).concat(0));
  const isNarrow = width < 520;
  const longest = Math.max(...drawn.map((point) => point.label.length));
  const left = isNarrow ? 0 : Math.min(width * 0.42, longest * LETTER + 12);
  const step = isNarrow ? BAR + 20 : BAR;
  const space = width - left - 64;
  const scale = (/** @type {number} */ value) => left + ((value - least) / (greatest - least || 1)) * space;
  const bars = drawn.map((point, i) => {
    const top = i * step + (isNarrow ? 18 : 0);
    const [from, to] = [Math.min(scale(0), scale(point.value)), Math.max(scale(0), scale(point.value))];
    const fits = Math.floor((isNarrow ? width : left - 12) / LETTER);
    const label = clipped(point.label, fits);
    const labelled = isNarrow ? { x: 0, y: top - 4 } : { x: left - 10, y: top + 15, "text-anchor": "end" };
    return s(
      "g",
      {},
      s("title", {}, `${point.label}: ${written(point.value)}`),
      s("text", { ...labelled, class: "wb-label" }, label),
      s("rect", { x: from, y: top + 3, width: Math.max(1, to - from), height: BAR - 8, rx: 2, class: "wb-bar-mark" }),
      s("text", { x: to + 6, y: top + 15, class: "wb-value" }, written(point.value)),
    );
  });
  return figure(bars, title, points.length, drawn.length, width, drawn.length * step + 6, least, greatest);
}

/**
 * @param {Point[]} points
 * @param {string} title
 * @param {Column} by
 * @param {number} width
 */
function lineParts(points, title, by, width) {
  const placed = points.filter((point) => point.at !== null).slice(0, MOST_OF_LINE).sort((a, b) => Number(a.at) - Number(b.at));
  const [first, last] = range(placed.map((point) => Number(point.at)));
  const [least, greatest] = range(placed.map((point) => point.value).concat(0));
  const box = { left: 56, top: 12, right: width - 24, bottom: 240 };
  const x = (/** @type {number} */ at) => box.left + ((at - first) / (last - first || 1)) * (box.right - box.left);
  const y = (/** @type {number} */ value) =>
    box.bottom - ((value - least) / (greatest - least || 1)) * (box.bottom - box.top);
  const levels = ticks(least, greatest, 5).map((value) =>
    s(
      "g",
      {},
      s("line", { x1: box.left, x2: box.right, y1: y(value), y2: y(value), class: "wb-grid" }),
      s("text", { x: box.left - 8, y: y(value) + 4, "text-anchor": "end", class: "wb-value" }, written(value)),
    ),
  );
  const dots = placed.map((point) =>
    s(
      "circle",
      { cx: x(Number(point.at)), cy: y(point.value), r: 4, class: "wb-bar-mark" },
      s("title", {}, `${point.label}: ${written(point.value)}`),
    ),
  );
  const path = placed.map((point) => `${x(Number(point.at)).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ");
  const ends = [placed[0], placed.at(-1)].map((point, i) =>
    s("text", { x: i ? box.right : box.left, y: box.bottom + 22, "text-anchor": i ? "end" : "start", class: "wb-label" },
      point ? clipped(`${by.kind === "time" ? "" : `${by.name} `}${point.label}`, 24) : ""),
  );
  const marks = [...levels, s("polyline", { points: path, class: "wb-path" }), ...dots, ...ends];
  return figure(marks, title, points.length, placed.length, width, 272, least, greatest);
}

/**
 * @param {SVGElement[]} marks
 * @param {string} title
 * @param {number} all
 * @param {number} drawn
 * @param {number} width
 * @param {number} height
 * @param {number} least
 * @param {number} greatest
 */
function figure(marks, title, all, drawn, width, height, least, greatest) {
  const label = `${title}: ${drawn} values from ${written(least)} to ${written(greatest)}. The table has all of them.`;
  const caption = drawn < all ? `${title}. The first ${drawn} of ${all.toLocaleString("en")} rows.` : `${title}.`;
  return [
    h("figcaption", {}, caption),
    s("svg", { role: "img", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}` }, ...marks),
  ];
}

/** @param {number[]} values */
function range(values) {
  return /** @type {[number, number]} */ ([Math.min(...values), Math.max(...values)]);
}
