// Which views a result allows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, viewsOf } from "../../../server/workbench/src/columns.js";
import { Names, portions, safe } from "../../../server/workbench/src/names.js";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const names = new Names("");
names.known.set("u:melaka", { text: "Melaka", place: true, within: "Malaysia" });
names.known.set("u:passage", { text: "nst ¶7", href: "/page/source/nst#p7", passage: true });
const uri = (value) => ({ type: "uri", value });
const number = (value) => ({ type: "literal", value, datatype: `${XSD}integer` });
const date = (value, type = "date") => ({ type: "literal", value, datatype: `${XSD}${type}` });
const text = (value) => ({ type: "literal", value });
const views = (columns, ...rows) => {
  const result = { kind: "rows", columns, rows };
  return viewsOf(result, columnsOf(result, names));
};

test("numbers make a chart, not the numbers of paragraphs", () => {
  assert.deepEqual(views(["topic", "facts"], [uri("u:a"), number("1")], [uri("u:b"), number("2")]), ["table", "chart"]);
  assert.deepEqual(views(["what", "source", "paragraph"], [text("x"), uri("u:s"), number("7")], [text("y"), uri("u:s"), number("8")]), ["table"]);
  assert.deepEqual(views(["facts"], [number("1")], [number("2")]), ["table"]);
});

test("times make a timeline, also where one has no year", () => {
  assert.deepEqual(views(["what", "date"], [text("x"), date("2025-09-12")], [text("y"), date("--10", "gMonth")]), ["table", "timeline"]);
  assert.deepEqual(views(["date"], [date("--10", "gMonth")]), ["table"]);
});

test("two columns of things make a network, sources and passages aside", () => {
  assert.deepEqual(views(["a", "b"], [uri("u:a"), uri("u:b")], [uri("u:c"), null]), ["table", "network"]);
  assert.deepEqual(views(["a", "b"], [{ type: "bnode", value: "n" }, uri("u:b")], [uri("u:a"), uri("u:b")]), ["table", "network"]);
  assert.deepEqual(views(["a", "b"], [{ type: "bnode", value: "n" }, uri("u:b")]), ["table"]);
  assert.deepEqual(views(["a", "source"], [uri("u:a"), uri("u:s")]), ["table"]);
  assert.deepEqual(views(["a", "passage"], [uri("u:a"), uri("u:passage")]), ["table"]);
});

test("places make a list of places", () => {
  assert.deepEqual(views(["where"], [uri("u:melaka")]), ["table", "places"]);
  assert.deepEqual(views(["where"], [uri("u:melaka")], [uri("u:other")]), ["table"]);
});

test("graphs, nothing, booleans", () => {
  const graph = { kind: "graph", columns: ["subject", "predicate", "object"], rows: [[uri("u:s"), uri("u:p"), uri("u:o")]] };
  assert.deepEqual(viewsOf(graph, columnsOf(graph, names)), ["table", "network", "turtle"]);
  assert.deepEqual(views(["a"]), []);
  assert.deepEqual(viewsOf({ kind: "boolean", columns: [], rows: [], boolean: true }, []), []);
});

test("names are asked in portions that a request can hold", () => {
  assert.deepEqual(portions([]), []);
  assert.deepEqual(portions(Array.from({ length: 1100 }, (_, i) => `u:${i}`)).map((part) => part.length), [500, 500, 100]);
  assert.deepEqual(portions(Array.from({ length: 9 }, (_, i) => `u:${i}`.padEnd(15_000, "x"))).map((part) => part.length), [4, 4, 1]);
  assert.deepEqual(portions(["u:".padEnd(50_000, "x")]), []);
});

test("links that are safe to follow", () => {
  for (const href of ["/page/id/a", "https://example.org/", "http://example.org/a#b"]) assert.equal(safe(href), href);
  for (const href of ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example/", "/\\evil.example", "vbscript:x", "", undefined]) {
    assert.equal(safe(href), undefined, href);
  }
});
