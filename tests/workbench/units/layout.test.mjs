// Networks: their nodes and edges, and where they go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { components, extent, layout } from "../../../server/workbench/src/layout.js";
import { networkOf } from "../../../server/workbench/src/network.js";
import { Names } from "../../../server/workbench/src/names.js";

const size = { width: 120, height: 38 };
const edges = [[0, 1], [1, 2], [2, 0], [3, 4], [5, 5]];

test("connected parts, the largest first", () => {
  assert.deepEqual(components(6, edges).map((part) => part.length), [3, 2, 1]);
});

test("no label is on another one, none is outside", () => {
  for (const count of [1, 2, 7, 40, 100]) {
    const sizes = Array.from({ length: count }, () => size);
    const joined = Array.from({ length: count - 1 }, (_, i) => [Math.floor(i / 3), i + 1]);
    const points = layout(sizes, joined, 1000);
    points.forEach((a, i) => {
      assert.ok(a.x >= 59.9 && a.y >= 18.9);
      points.slice(i + 1).forEach((b) => assert.ok(Math.abs(a.x - b.x) > 118 || Math.abs(a.y - b.y) > 36, `${count}`));
    });
  }
});

test("parts that are not joined stand in rows no wider than wanted", () => {
  const sizes = Array.from({ length: 12 }, () => size);
  const points = layout(sizes, [], 500);
  assert.ok(extent(points, sizes).width <= 500);
});

test("the same network always looks the same", () => {
  const sizes = Array.from({ length: 6 }, () => size);
  assert.deepEqual(layout(sizes, edges, 1000), layout(sizes, edges, 1000));
});

test("nodes and edges of a result, each once, the first hundred of them", () => {
  const uri = (value) => ({ type: "uri", value });
  const few = [[uri("a"), uri("p"), uri("b")], [uri("a"), uri("q"), uri("b")], [uri("a"), null, null]];
  const found = networkOf({ result: { rows: few }, names: new Names("") }, 0, 2, 1);
  assert.deepEqual([found.nodes.length, found.edges.map((edge) => [...edge.labels])], [2, [["p", "q"]]]);
  const many = Array.from({ length: 300 }, (_, i) => [uri(`s${i}`), uri("p"), uri("o")]);
  const cut = networkOf({ result: { rows: many }, names: new Names("") }, 0, 2, 1);
  assert.deepEqual([cut.nodes.length, cut.all, cut.edges.length], [100, 301, 99]);
});
