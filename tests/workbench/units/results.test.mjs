// Results as JSON and as N-Triples.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Names } from "../../../server/workbench/src/names.js";
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

const [S, P] = ["u:s", "u:p"].map((value) => ({ type: "uri", value }));
const NESTED = {
  type: "triple",
  value: '<<( <u:s> <u:p> <<( _:b <u:p> "o \\"\\n"@ar--rtl )>> )>>',
  parts: [S, P, {
    type: "triple",
    value: '<<( _:b <u:p> "o \\"\\n"@ar--rtl )>>',
    parts: [{ type: "bnode", value: "b" }, P, { type: "literal", value: 'o "\n', language: "ar", direction: "rtl" }],
  }],
};

test("triple terms, with their parts and a text that tells them apart", () => {
  const o = { type: "literal", value: 'o "\n', "xml:lang": "ar", "its:dir": "rtl" };
  const inner = { type: "triple", value: { subject: { type: "bnode", value: "b" }, predicate: P, object: o } };
  const outer = { type: "triple", value: { subject: S, predicate: P, object: inner } };
  const found = json({ head: { vars: ["t"] }, results: { bindings: [{ t: outer }] } });
  assert.deepEqual(found.rows, [[NESTED]]);
});

test("triple terms in N-Triples", () => {
  assert.deepEqual(parse(`<u:s> <u:p> ${NESTED.value} .\n<u:s> <u:p> <<(<u:s> <u:p> _:b)>>.`), [
    [S, P, NESTED],
    [S, P, { type: "triple", value: "<<( <u:s> <u:p> _:b )>>", parts: [S, P, { type: "bnode", value: "b" }] }],
  ]);
  for (const text of ["<u:s> <u:p> <<( <u:s> <u:p> )>> .", "<u:s> <u:p> <<( <u:s> <u:p> <u:o> ."]) {
    assert.throws(() => parse(text), SyntaxError);
  }
});

test("the text of a triple term has the names of its parts, which are asked for", async () => {
  const names = new Names("/names");
  names.fetch = async (iris) => iris.forEach((iri) => names.known.set(iri, { text: iri.toUpperCase() }));
  await names.ensure([[NESTED]]);
  assert.deepEqual([...names.known.keys()], ["u:s", "u:p"]);
  assert.equal(names.text(NESTED), '⟨U:S U:P ⟨_:b U:P o "\n⟩⟩');
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
