// Where the nodes of a network go: forces between them until they rest. The same network always looks the same.

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ width: number, height: number }} Size
 */

const ROUNDS = 300;
const SEPARATIONS = 120;
const GAP = 24;

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
    const own = part.map((node) => sizes[node] ?? { width: 0, height: 0 });
    const places = new Map(part.map((node, i) => [node, i]));
    const pairs = edges.filter(([from]) => places.has(from)).map(([from, to]) => pair(places.get(from), places.get(to)));
    const found = connected(own, pairs, width);
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
 * @param {number | undefined} from
 * @param {number | undefined} to
 * @returns {[number, number]}
 */
function pair(from, to) {
  return [from ?? 0, to ?? 0];
}

/**
 * Return a place for each node of a connected network by the method of Fruchterman and Reingold
 * (https://doi.org/10.1002/spe.4380211102): nodes push each other away, edges pull theirs together. Then nodes make room
 * for each other, so that no label is on another one.
 * @param {readonly Size[]} sizes
 * @param {readonly [number, number][]} edges
 * @param {number} width that it should have at most
 * @returns {Point[]}
 */
function connected(sizes, edges, width) {
  const ideal = 90;
  const side = ideal * Math.sqrt(sizes.length);
  const points = sizes.map((_, i) => spiral(i, sizes.length, side));
  for (let round = 0; round < ROUNDS; round += 1) {
    const moves = points.map(() => ({ x: 0, y: 0 }));
    push(points, moves, ideal);
    pull(points, moves, edges, ideal);
    const most = (side / 8) * (1 - round / ROUNDS);
    points.forEach((point, i) => settle(point, moves[i] ?? { x: 0, y: 0 }, most));
  }
  const across = points.map((point) => point.x);
  const room = Math.max(...across) - Math.min(...across) || 1;
  const widening = Math.min(1.5, Math.max(0.7, (width - Math.max(...sizes.map((size) => size.width))) / room));
  for (const point of points) point.x *= widening; // labels are wide, and so are screens
  for (let round = 0; round < SEPARATIONS && separate(points, sizes); round += 1);
  return fitted(points, sizes);
}

/**
 * Return the place at which a node begins: along a spiral, so that no two are at the same.
 * @param {number} i
 * @param {number} count
 * @param {number} side
 */
function spiral(i, count, side) {
  const [angle, radius] = [i * 2.399963, 0.5 * side * Math.sqrt((i + 0.5) / count)];
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

/**
 * @param {Point[]} points
 * @param {Point[]} moves
 * @param {number} ideal
 */
function push(points, moves, ideal) {
  eachPair(points, (a, b, i, j) => {
    const [dx, dy] = [a.x - b.x || 0.01, a.y - b.y || 0.01];
    const force = (ideal * ideal) / (dx * dx + dy * dy);
    add(moves[i], dx * force, dy * force);
    add(moves[j], -dx * force, -dy * force);
  });
}

/**
 * @param {Point[]} points
 * @param {Point[]} moves
 * @param {readonly [number, number][]} edges
 * @param {number} ideal
 */
function pull(points, moves, edges, ideal) {
  for (const [from, to] of edges) {
    const [a, b] = [points[from], points[to]];
    if (!a || !b || a === b) continue;
    const [dx, dy] = [a.x - b.x, a.y - b.y];
    const force = Math.hypot(dx, dy) / ideal;
    add(moves[from], -dx * force, -dy * force);
    add(moves[to], dx * force, dy * force);
  }
}

/**
 * Move a node, no further than so much; all are drawn to the middle a little.
 * @param {Point} point
 * @param {Point} move
 * @param {number} most
 */
function settle(point, move, most) {
  const gravity = 0.2;
  const [x, y] = [move.x - point.x * gravity, move.y - point.y * gravity];
  const length = Math.hypot(x, y) || 1;
  const step = Math.min(length, most);
  point.x += (x / length) * step;
  point.y += (y / length) * step;
}

/**
 * Move nodes that overlap apart, along the shorter way, and tell whether there were any.
 * @param {Point[]} points
 * @param {readonly Size[]} sizes
 */
function separate(points, sizes) {
  let found = false;
  eachPair(points, (a, b, i, j) => {
    const [one, other] = [sizes[i] ?? { width: 0, height: 0 }, sizes[j] ?? { width: 0, height: 0 }];
    const x = (one.width + other.width) / 2 - Math.abs(a.x - b.x);
    const y = (one.height + other.height) / 2 - Math.abs(a.y - b.y);
    if (x <= 0.5 || y <= 0.5) return;
    found = true;
    if (x < y) part(a, b, "x", x / 2);
    else part(a, b, "y", y / 2);
  });
  return found;
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {"x" | "y"} along
 * @param {number} distance
 */
function part(a, b, along, distance) {
  const sign = a[along] < b[along] ? -1 : 1;
  a[along] += sign * distance;
  b[along] -= sign * distance;
}

/**
 * @param {Point[]} points
 * @param {readonly Size[]} sizes
 */
function fitted(points, sizes) {
  const left = Math.min(...points.map((point, i) => point.x - (sizes[i]?.width ?? 0) / 2));
  const top = Math.min(...points.map((point, i) => point.y - (sizes[i]?.height ?? 0) / 2));
  return points.map(({ x, y }) => ({ x: x - left, y: y - top }));
}

/**
 * @param {Point[]} points
 * @param {(a: Point, b: Point, i: number, j: number) => void} act
 */
function eachPair(points, act) {
  points.forEach((a, i) => {
    for (let j = i + 1; j < points.length; j += 1) act(a, /** @type {Point} */ (points[j]), i, j);
  });
}

/**
 * @param {Point | undefined} move
 * @param {number} x
 * @param {number} y
 */
function add(move, x, y) {
  if (!move) return;
  move.x += x;
  move.y += y;
}
