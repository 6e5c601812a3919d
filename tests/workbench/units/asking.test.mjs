// Links from values to who says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { statements } from "../../../server/workbench/src/asking.js";

const uri = (value) => ({ type: "uri", value });
const number = { type: "literal", value: "5", datatype: "http://www.w3.org/2001/XMLSchema#integer" };
const columns = ["x", "p", "o"];
const named = (column, row, objects) => [...statements(column, row, columns, objects)].map(([name, value]) => `${name} ${value}`);

test("subject and property are of the row, or constants of the query", () => {
  const row = [uri("http://e/x"), uri("http://e/p"), number];
  const literal = 'value "5"^^<http://www.w3.org/2001/XMLSchema#integer>';
  assert.deepEqual(named("o", row, { o: [["?x", "?p"]] }), ["subject http://e/x", "property http://e/p", literal]);
  assert.deepEqual(named("o", row, { o: [["http://e/s", "http://e/q"]] }), ["subject http://e/s", "property http://e/q", literal]);
  assert.deepEqual(named("p", row, { p: [["?x", "http://e/q"]] }), ["subject http://e/x", "property http://e/q", "value http://e/p"]);
});

test("several statements are named together, those that the row cannot have left out", () => {
  const row = [uri("http://e/x"), null, uri("http://e/o")];
  const objects = { o: [["?x", "http://e/p"], ["?x", "http://e/q"], ["?x", "?p"], ["?elsewhere", "http://e/p"]] };
  assert.deepEqual(named("o", row, objects), [
    "subject http://e/x", "property http://e/p", "subject http://e/x", "property http://e/q", "value http://e/o",
  ]);
});

test("there is no link without an object, a subject with a name, or a value", () => {
  const row = [{ type: "bnode", value: "b" }, null, uri("http://e/o")];
  assert.deepEqual(named("o", row, {}), []);
  assert.deepEqual(named("o", row, { o: [["?x", "http://e/p"]] }), []);
  assert.deepEqual(named("p", row, { p: [["http://e/s", "http://e/p"]] }), []);
  assert.deepEqual(named("x", row, { x: [["http://e/s", "http://e/p"]] }), []);
  assert.deepEqual([...statements("constructor", [uri("http://e/")], ["constructor"], {})], []);
});
