// Where the cursor stands, marked in the cases by |.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contextAt } from "../../../server/workbench/src/context.js";

const cases = [
  ["SELECT * { | }", "term", "subject", ""],
  ["SELECT * { ammtc:| }", "term", "subject", "ammtc:"],
  ["SELECT * { ?x | }", "term", "predicate", ""],
  ["SELECT * { ?x mini| }", "term", "predicate", "mini"],
  ["SELECT * { ?x a | }", "term", "class", ""],
  ["SELECT * { ?x rdf:type ammtc:M| }", "term", "class", "ammtc:M"],
  ["SELECT * { ?x ex:p | }", "term", "object", ""],
  ["SELECT * { ?x ex:p ex:o ; | }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p ex:o , | }", "term", "object", ""],
  ["SELECT * { ?x ex:p ex:o . | }", "term", "subject", ""],
  ["SELECT * { ?x ex:p/| }", "term", "predicate", ""],
  ["SELECT * { ?x (ex:p|", "term", "predicate", "ex:p"],
  ["SELECT * { ?x (ex:p/ex:q)* | }", "term", "object", ""],
  ["SELECT * { ?x ex:p [ | ] }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p 'a'@en ; | }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p 5 . FILTER(?x > 3) | }", "term", "subject", ""],
  ["SELECT * { FILTER(| ) }", "term", "any", ""],
  ["SELECT * { OPTIONAL { ?x ex:p ?y } | }", "term", "subject", ""],
  ["SELECT * { GRAPH ?g { ?x | } }", "term", "predicate", ""],
  ["SEL|", "term", "any", "SEL"],
  ["SELECT * { ?x| }", "variable", "subject", "?x"],
  ["SELECT ?| ", "variable", "any", "?"],
  ["PREFIX fo|", "prefix", "any", "fo"],
  ["PREFIX |", "prefix", "any", ""],
  ["SELECT * { ?x ex:p 'a|", "none", "object", "'a"],
  ["SELECT * { # a|", "none", "subject", "# a"],
  ["SELECT * { ?x ex:p 'a'@e|", "none", "any", "@e"],
];

for (const [marked, kind, position, word] of cases) {
  test(marked, () => {
    const at = marked.lastIndexOf("|");
    const text = marked.slice(0, at) + marked.slice(at + 1);
    assert.deepEqual(contextAt(text, at), { kind, from: at - word.length, word, position });
  });
}
