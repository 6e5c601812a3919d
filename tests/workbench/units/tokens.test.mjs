// Tokens of queries, also of unfinished ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formOf, hasLimit, tokens, variablesOf } from "../../../server/workbench/src/tokens.js";

const kinds = (text) => tokens(text).map((token) => `${token.kind} ${token.text}`);

test("every kind of token", () => {
  assert.deepEqual(kinds('SELECT ?x { ?x a ex:a.b , <http://e/#x> ; ex:n 1.5 , "a # b"@en-GB . } # end'), [
    "word SELECT", "variable ?x", "sign {", "variable ?x", "word a", "name ex:a.b", "sign ,", "iri <http://e/#x>",
    "sign ;", "name ex:n", "number 1.5", "sign ,", 'string "a # b"', "language @en-GB", "sign .", "sign }", "comment # end",
  ]);
});

test("a dot at the end of a prefixed name ends the triple", () => {
  assert.deepEqual(kinds("ex:a. ex:b"), ["name ex:a", "sign .", "name ex:b"]);
});

test("less than is no IRI", () => {
  assert.deepEqual(kinds("?a < ?b"), ["variable ?a", "sign <", "variable ?b"]);
});

test("strings over several lines, escaped, unfinished", () => {
  assert.deepEqual(kinds('"""a "b"\nc""" .'), ['string """a "b"\nc"""', "sign ."]);
  assert.deepEqual(kinds('"a \\" b"'), ['string "a \\" b"']);
  assert.deepEqual(kinds('"not closed\n?x'), ['string "not closed', "variable ?x"]);
});

test("positions point into the text", () => {
  const text = "ASK { ?é ex:ü 'ñ' }";
  for (const token of tokens(text)) assert.equal(text.slice(token.from, token.to), token.text);
});

test("the form of a query is its first such word, not one in a comment or a string", () => {
  assert.equal(formOf("# SELECT\nPREFIX ask: <http://e/>\nask { }"), "ASK");
  assert.equal(formOf("'CONSTRUCT'"), null);
});

test("variables, each once", () => {
  assert.deepEqual(variablesOf("SELECT ?a $b WHERE { ?a ?p '?no' } # ?c"), ["?a", "$b", "?p"]);
});

test("a LIMIT counts outside of subqueries only", () => {
  assert.equal(hasLimit("SELECT * { } LIMIT 5"), true);
  assert.equal(hasLimit("SELECT * { { SELECT * { } LIMIT 5 } }"), false);
  assert.equal(hasLimit("SELECT ?limit { } # LIMIT 5"), false);
});

test("what SPARQL 1.2 adds: annotations, reifiers, triple terms", () => {
  assert.deepEqual(kinds("?x ex:p ?y ~ ?r {| ex:q ?z |}"), [
    "variable ?x", "name ex:p", "variable ?y", "sign ~", "variable ?r", "sign {|", "name ex:q", "variable ?z", "sign |}",
  ]);
  assert.deepEqual(kinds("<<( ?x ex:p <http://e/> )>>"), ["sign <<(", "variable ?x", "name ex:p", "iri <http://e/>", "sign )>>"]);
  assert.deepEqual(kinds("<<<http://e/> ex:p ex:o>>"), ["sign <<", "iri <http://e/>", "name ex:p", "name ex:o", "sign >>"]);
});
