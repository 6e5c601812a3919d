// Declarations of prefixes: found, missing, put in the right place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { declaration, declared, prefixTyped, shortened } from "../../../server/workbench/src/prefixes.js";

const known = { ex: "http://e/", foaf: "http://f/", long: "http://e/long/" };
const inserted = (text, { at, text: line }) => text.slice(0, at) + line + text.slice(at);

test("declared prefixes", () => {
  assert.deepEqual([...declared("PREFIX ex: <http://e/>\nprefix : <http://d/>\nASK { foaf:a foaf:b 'PREFIX no: <http://n/>' }")], ["ex", ""]);
});

test("a missing declaration goes behind the last one", () => {
  const text = "PREFIX ex: <http://e/>\nASK { foaf:a ?p ?o }";
  assert.equal(inserted(text, declaration(text, "foaf", known)), "PREFIX ex: <http://e/>\nPREFIX foaf: <http://f/>\nASK { foaf:a ?p ?o }");
});

test("or before the query, behind its comments", () => {
  assert.equal(inserted("# why\nASK { }", declaration("# why\nASK { }", "ex", known)), "# why\nPREFIX ex: <http://e/>\nASK { }");
  assert.equal(inserted("", declaration("", "ex", known)), "PREFIX ex: <http://e/>\n");
});

test("nothing to declare", () => {
  assert.equal(declaration("PREFIX ex: <http://other/>\n", "ex", known), null);
  assert.equal(declaration("ASK { }", "nobody", known), null);
  assert.equal(declaration("ASK { }", "constructor", known), null);
});

test("a colon completes a prefix", () => {
  const typed = (text) => prefixTyped(text, text.length);
  assert.equal(typed("ASK { foaf:"), "foaf");
  assert.equal(typed("ASK { foaf:a:"), null);
  assert.equal(typed("PREFIX foaf:"), null);
  assert.equal(typed("ASK { _:"), null);
  assert.equal(typed("ASK { 'foaf:"), null);
  assert.equal(typed("# foaf:"), null);
  assert.equal(typed("ASK { <http:"), null);
});

test("the longest namespace shortens", () => {
  assert.equal(shortened("http://e/long/a", known), "long:a");
  assert.equal(shortened("http://e/a", known), "ex:a");
  assert.equal(shortened("urn:a", known), "urn:a");
});
