// Results as JSON and as N-Triples.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../server/workbench/src/ntriples.js";
import { resultOf } from "../../../server/workbench/src/results.js";

const json = (content) => resultOf({ type: "application/sparql-results+json", text: JSON.stringify(content) });

test("rows, with what is unbound", () => {
  const bindings = [
    { a: { type: "uri", value: "http://e/" }, b: { type: "literal", value: "x", "xml:lang": "en" } },
    { b: { type: "literal", value: "1", datatype: "http://d/" } },
    { a: { type: "bnode", value: "n" } },
  ];
  const found = json({ head: { vars: ["a", "b"] }, results: { bindings } });
  assert.deepEqual(found.rows, [
    [{ type: "uri", value: "http://e/" }, { type: "literal", value: "x", language: "en" }],
    [null, { type: "literal", value: "1", datatype: "http://d/" }],
    [{ type: "bnode", value: "n" }, null],
  ]);
  assert.equal(found.kind, "rows");
});

test("variables with names of members of every object", () => {
  const found = json({ head: { vars: ["constructor", "__proto__"] }, results: { bindings: [{}] } });
  assert.deepEqual(found.rows, [[null, null]]);
});

test("quoted triples as text", () => {
  const triple = { subject: { type: "uri", value: "u:s" }, predicate: { type: "uri", value: "u:p" }, object: { type: "literal", value: "o" } };
  const found = json({ head: { vars: ["t"] }, results: { bindings: [{ t: { type: "triple", value: triple } }] } });
  assert.deepEqual(found.rows, [[{ type: "triple", value: "<< <u:s> <u:p> o >>" }]]);
});

test("booleans", () => assert.equal(json({ head: {}, boolean: false }).boolean, false));

test("triples", () => {
  const text = '<http://e/s> <http://e/p> "a \\"b\\"\\n\\u00e9\\U0001F600"@en .\n_:b1 <http://e/p> "1"^^<http://d/> .\n# x\n\n<u:s> <u:p> <u:o> .\n';
  assert.deepEqual(parse(text), [
    [{ type: "uri", value: "http://e/s" }, { type: "uri", value: "http://e/p" }, { type: "literal", value: 'a "b"\né😀', language: "en" }],
    [{ type: "bnode", value: "b1" }, { type: "uri", value: "http://e/p" }, { type: "literal", value: "1", datatype: "http://d/" }],
    [{ type: "uri", value: "u:s" }, { type: "uri", value: "u:p" }, { type: "uri", value: "u:o" }],
  ]);
  const found = resultOf({ type: "application/n-triples", text });
  assert.deepEqual([found.kind, found.columns, found.rows.length], ["graph", ["subject", "predicate", "object"], 3]);
});

test("anything else is an error", () => assert.throws(() => parse("<u:s> <u:p>"), SyntaxError));
