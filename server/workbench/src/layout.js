// Where the nodes of a network go: forces between them until they rest. The same network always looks the same.

import { forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ width: number, height: number }} Size
 */

const DISTANCE = 90;
const REPULSION = -600;
const ROUNDS = 300;
const SEPARATIONS = 300;
const GAP = 24;
const NOTHING = { width: 0, height: 0 };

/**
 * Return a place for each node: connected nodes together, the parts of the network in rows, large ones first.
 * @param {readonly Size[]} sizes of the nodes with their labels
 * @param {readonly [number, number][]} edges pairs of nodes
 * @param {number} width of a row, if no part is wider
 * @returns {Point[]} the middles; the least coordinates are 0
 */
export function layout(sizes, edges, width) {
  const points = sizes.map(() => ({ x: 0, y: 0 }));
  const row = { x: 0, y: 0, height: 0 };
  for (const part of components(sizes.length, edges)) {
    const own = part.map((node) => sizes[node] ?? NOTHING);
    const places = new Map(part.map((node, i) => [node, i]));
    const within = edges.map(([from, to]) => ({ source: places.get(from) ?? -1, target: places.get(to) ?? -1 }));
    const found = connected(own, within.filter(({ source, target }) => source >= 0 && source !== target), width);
    const size = extent(found, own);
    if (row.x > 0 && row.x + size.width > width) Object.assign(row, { x: 0, y: row.y + row.height + GAP, height: 0 });
    found.forEach((point, i) => Object.assign(points[part[i] ?? 0] ?? {}, { x: point.x + row.x, y: point.y + row.y }));
    Object.assign(row, { x: row.x + size.width + GAP, height: Math.max(row.height, size.height) });
  }
  return points;
}

/**
 * Return how much room points take with what is around them.
 * @param {readonly Point[]} points
 * @param {readonly Size[]} sizes
 * @returns {Size}
 */
export function extent(points, sizes) {
  const width = Math.max(...points.map((point, i) => point.x + (sizes[i]?.width ?? 0) / 2));
  return { width, height: Math.max(...points.map((point, i) => point.y + (sizes[i]?.height ?? 0) / 2)) };
}

/**
 * Return the parts of a network that no edge joins, the largest first.
 * @param {number} count
 * @param {readonly [number, number][]} edges
 * @returns {number[][]}
 */
export function components(count, edges) {
  /** @type {number[][]} */
  const neighbours = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    neighbours[from]?.push(to);
    neighbours[to]?.push(from);
  }
  const seen = new Set();
  const found = neighbours.flatMap((_, start) => {
    if (seen.has(start)) return [];
    const part = [start];
    seen.add(start);
    for (const node of part) {
      const next = [...new Set(neighbours[node])].filter((other) => !seen.has(other));
      next.forEach((other) => seen.add(other));
      part.push(...next);
    }
    return [part];
  });
  return found.sort((a, b) => b.length - a.length);
}

/**
 * Return a place for each node of a connected network (https://d3js.org/d3-force): nodes push each other away, edges
 * pull theirs together. Then nodes make room for each other, so that no label is on another one.
 * @param {readonly Size[]} sizes
 * @param {{ source: number, target: number }[]} edges
 * @param {number} width that it should have at most
 * @returns {Point[]}
 */
function connected(sizes, edges, width) {
  const nodes = sizes.map(() => /** @type {import("d3-force").SimulationNodeDatum} */ ({}));
  forceSimulation(nodes)
    .force("push", forceManyBody().strength(REPULSION))
    .force("pull", forceLink(edges).distance(DISTANCE))
    .force("x", forceX())
    .force("y", forceY())
    .stop()
    .tick(ROUNDS);
  const points = nodes.map(({ x = 0, y = 0 }) => ({ x, y }));
  const across = points.map((point) => point.x);
  const room = Math.max(...across) - Math.min(...across) || 1;
  const widening = Math.min(1.5, Math.max(0.7, (width - Math.max(...sizes.map((size) => size.width))) / room));
  for (const point of points) point.x *= widening; // labels are wide, and so are screens
  for (let round = 0; round < SEPARATIONS && separate(points, sizes); round += 1);
  const left = Math.min(...points.map((point, i) => point.x - (sizes[i]?.width ?? 0) / 2));
  const top = Math.min(...points.map((point, i) => point.y - (sizes[i]?.height ?? 0) / 2));
  return points.map(({ x, y }) => ({ x: x - left, y: y - top }));
}

/**
 * Move nodes that overlap apart, along the shorter way, and return whether there were any.
 * @param {Point[]} points
 * @param {readonly Size[]} sizes
 */
function separate(points, sizes) {
  let found = false;
  points.forEach((a, i) => {
    points.slice(i + 1).forEach((b, j) => {
      const [one, other] = [sizes[i] ?? NOTHING, sizes[i + 1 + j] ?? NOTHING];
      const x = (one.width + other.width) / 2 - Math.abs(a.x - b.x);
      const y = (one.height + other.height) / 2 - Math.abs(a.y - b.y);
      if (x <= 0.5 || y <= 0.5) return;
      found = true;
      const [along, distance] = x < y ? [/** @type {const} */ ("x"), x / 2] : [/** @type {const} */ ("y"), y / 2];
      const sign = a[along] < b[along] ? -1 : 1;
      a[along] += sign * distance;
      b[along] -= sign * distance;
    });
  });
  return found;
}
