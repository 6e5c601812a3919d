// A result as a network: things joined by the rows in which they stand together, or by the triples of a graph.

import { choice, h, s } from "./dom.js";
import { extent, layout } from "./layout.js";
import { safe } from "./names.js";
import { clipped, columnsOfKinds, wrapped } from "./shown.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./results.js").Row} Row
 * @typedef {import("./results.js").Term} Term
 * @typedef {{ from: number, to: number, labels: Set<string> }} Edge
 * @typedef {{ nodes: Term[], edges: Edge[], all: number }} Network
 */

const MOST = 100;
const LETTER = 6.9;
const LINE = 15;
const ABOVE = 18;
const BELOW = 6;
const MOST_NAMED = 24;
const WIDE = 1020;
const MARGIN = 8;

/**
 * Return a network with its choices.
 * @param {Shown} shown
 */
export function network(shown) {
  if (shown.result.kind === "graph") return drawn(shown, networkOf(shown, 0, 2, 1));
  const columns = columnsOfKinds(shown, "thing");
  const state = { from: 0, to: 1 };
  const whole = h("div", {});
  const draw = () => {
    const names = columns.map((column) => column.name);
    const [from, to] = [columns[state.from]?.index ?? 0, columns[state.to]?.index ?? 0];
    whole.replaceChildren(
      h(
        "div",
        { class: "wb-bar wb-choices" },
        choice("Join", names, state.from, (from) => update({ from })),
        choice("with", names, state.to, (to) => update({ to })),
      ),
      drawn(shown, networkOf(shown, from, to, null)),
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
 * Return the network of two columns: the first things in it, and the edges between these.
 * @param {Pick<Shown, "result" | "names">} shown
 * @param {number} from
 * @param {number} to
 * @param {number | null} by column that names the edges
 * @returns {Network}
 */
export function networkOf(shown, from, to, by) {
  /** @type {Map<string, number>} */
  const places = new Map();
  /** @type {Term[]} */
  const nodes = [];
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  const place = (/** @type {Term} */ term) => {
    const key = `${term.type} ${term.value} ${term.language ?? ""} ${term.direction ?? ""} ${term.datatype ?? ""}`;
    if (!places.has(key)) places.set(key, nodes.push(term) - 1);
    return places.get(key) ?? 0;
  };
  for (const row of shown.result.rows) {
    const [a, b] = [row[from], row[to]];
    if (!a || !b) continue;
    const [i, j] = [place(a), place(b)];
    const edge = edges.get(`${i} ${j}`) ?? { from: i, to: j, labels: new Set() };
    if (by !== null) edge.labels.add(shown.names.text(row[by] ?? null));
    edges.set(`${i} ${j}`, edge);
  }
  const kept = [...edges.values()].filter((edge) => edge.from < MOST && edge.to < MOST);
  return { nodes: nodes.slice(0, MOST), edges: kept, all: nodes.length };
}

/**
 * @param {Shown} shown
 * @param {Network} found
 */
function drawn(shown, { nodes, edges, all }) {
  const labels = nodes.map((node) => wrapped(shown.names.text(node), 22, nodes.length > 40 ? 2 : 3));
  const sizes = labels.map((lines) => ({
    width: Math.max(20, ...lines.map((line) => line.length * LETTER)) + 8,
    height: ABOVE + lines.length * LINE + BELOW,
  }));
  const pairs = edges.map((edge) => /** @type {[number, number]} */ ([edge.from, edge.to]));
  const middles = layout(sizes, pairs, WIDE);
  const room = extent(middles, sizes);
  const [width, height] = [Math.ceil(room.width + 2 * MARGIN), Math.ceil(room.height + 2 * MARGIN)];
  const points = middles.map(({ x, y }, i) => ({ x: x + MARGIN, y: y + MARGIN + ABOVE / 2 - (sizes[i]?.height ?? 0) / 2 }));
  const lines = edges.map((edge) => line(edge, points, edges.length <= MOST_NAMED));
  const things = nodes.map((node, i) => thing(shown, node, points[i] ?? { x: 0, y: 0 }, labels[i] ?? []));
  const label = `Network of ${nodes.length} things and ${edges.length} joins between them. The table has the same.`;
  const svg = s(
    "svg",
    { role: "group", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}` },
    s("defs", {}, arrowHead()),
    ...lines,
    ...things,
  );
  const counted = `${nodes.length} things, ${edges.length} joins.`;
  const caption = nodes.length < all ? `The first ${counted} There are ${all} things in all, in the table.` : counted;
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Network" }, svg);
  return h("figure", { class: "wb-drawing" }, h("figcaption", {}, caption), scroll);
}

function arrowHead() {
  const attributes = { id: "arrow", viewBox: "0 0 8 8", refX: 15, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" };
  return s("marker", attributes, s("path", { d: "M0 0L8 4L0 8z", class: "wb-arrow-head" }));
}

/**
 * @param {Edge} edge
 * @param {import("./layout.js").Point[]} points
 * @param {boolean} named there is room for names of edges
 */
function line(edge, points, named) {
  const [a, b] = [points[edge.from] ?? { x: 0, y: 0 }, points[edge.to] ?? { x: 0, y: 0 }];
  const text = [...edge.labels].join(", ");
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 3, "text-anchor": "middle", class: "wb-edge-label" };
  return s(
    "g",
    { class: "wb-edge" },
    s("title", {}, text),
    s("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y, "marker-end": "url(#arrow)" }),
    text && named ? s("text", middle, clipped(text, 26)) : null,
  );
}

/**
 * @param {Shown} shown
 * @param {Term} term
 * @param {import("./layout.js").Point} point
 * @param {string[]} lines of the label
 */
function thing(shown, term, point, lines) {
  const text = shown.names.text(term);
  const href = term.type === "uri" ? safe(shown.names.of(term.value).href) : undefined;
  const mark = s("circle", { cx: point.x, cy: point.y, r: 6, class: term.type === "uri" ? "wb-dot" : "wb-dot wb-plain-dot" });
  const spans = lines.map((line, i) => s("tspan", { x: point.x, y: point.y + 20 + i * LINE }, `${line} `));
  const written = s("text", { "text-anchor": "middle", class: "wb-node-label" }, ...spans);
  const parts = [s("title", {}, text), mark, written];
  return href ? s("a", { href }, ...parts) : s("g", {}, ...parts);
}
