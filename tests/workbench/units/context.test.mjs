// Where the cursor stands, marked in the cases by ¦.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contextAt, endsPattern } from "../../../server/workbench/src/context.js";

const cases = [
  ["SELECT * { ¦ }", "term", "subject", ""],
  ["SELECT * { ammtc:¦ }", "term", "subject", "ammtc:"],
  ["SELECT * { ?x ¦ }", "term", "predicate", ""],
  ["SELECT * { ?x mini¦ }", "term", "predicate", "mini"],
  ["SELECT * { ?x a ¦ }", "term", "class", ""],
  ["SELECT * { ?x rdf:type ammtc:M¦ }", "term", "class", "ammtc:M"],
  ["SELECT * { ?x ex:p ¦ }", "term", "object", ""],
  ["SELECT * { ?x ex:p ex:o ; ¦ }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p ex:o , ¦ }", "term", "object", ""],
  ["SELECT * { ?x ex:p ex:o . ¦ }", "term", "subject", ""],
  ["SELECT * { ?x ex:p/¦ }", "term", "predicate", ""],
  ["SELECT * { ?x (ex:p¦", "term", "predicate", "ex:p"],
  ["SELECT * { ?x (ex:p/ex:q)* ¦ }", "term", "object", ""],
  ["SELECT * { ?x ex:p [ ¦ ] }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p 'a'@en ; ¦ }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p 5 . FILTER(?x > 3) ¦ }", "term", "subject", ""],
  ["SELECT * { FILTER(¦ ) }", "term", "any", ""],
  ["SELECT * { OPTIONAL { ?x ex:p ?y } ¦ }", "term", "subject", ""],
  ["SELECT * { GRAPH ?g { ?x ¦ } }", "term", "predicate", ""],
  ["SEL¦", "term", "any", "SEL"],
  ["SELECT * { ?x¦ }", "variable", "subject", "?x"],
  ["SELECT ?¦ ", "variable", "any", "?"],
  ["PREFIX fo¦", "prefix", "any", "fo"],
  ["PREFIX ¦", "prefix", "any", ""],
  ["SELECT * { ?x ex:p 'a¦", "none", "object", "'a"],
  ["SELECT * { # a¦", "none", "subject", "# a"],
  ["SELECT * { ?x ex:p 'a'@e¦", "none", "end", "@e"],
  ["SELECT * { ?x ex:p ?y ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p ex:o who¦ }", "term", "end", "who"],
  ["SELECT * { ?x ex:p/ex:q ?y ¦ }", "term", "any", ""],
  ["SELECT * { ?x ^ex:p ?y ¦ }", "term", "any", ""],
  ["SELECT * { ?x ex:p+ ?y ¦ }", "term", "any", ""],
  ["SELECT * { ?x (ex:p|ex:q) ?y ¦ }", "term", "any", ""],
  ["SELECT * { ?x ex:p/ex:q ?y ; ex:r ?z ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p '5'^^xsd:integer ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p -5 ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p [ ex:q 5 ] ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p ?y ~ ?r ¦ }", "term", "end", ""],
  ["SELECT * { ?x ex:p ?y {| ¦ |} }", "term", "evidence", ""],
  ["SELECT * { ?x ex:p ?y {| ex:a ?b ; ex:c¦ |} }", "term", "evidence", "ex:c"],
  ["SELECT * { ?x ex:p ?y {| ex:a [ ¦ ] |} }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p ?y {| ex:a ¦ |} }", "term", "object", ""],
  ["SELECT * { ?x ex:p ?y {| ex:a ?b |} ¦ }", "term", "any", ""],
  ["SELECT * { ?x ex:p ?y {| ex:a ?b |} ; ¦ }", "term", "predicate", ""],
  ["SELECT * { ?x ex:p ?y {| ex:a ?b |} , ?z ¦ }", "term", "end", ""],
  ["SELECT * { ?r rdf:reifies <<( ?x ¦ ?y )>> }", "term", "predicate", ""],
  ["SELECT * { ?r rdf:reifies <<( ?x ex:p ?y )>> ¦ }", "term", "end", ""],
  ["SELECT * { <<ex:a ex:b ex:c>> ¦ }", "term", "predicate", ""],
  ["SELECT * { VALUES ?x { ex:a ex:b ex:c ¦ } }", "term", "any", ""],
  ["SELECT * { VALUES ?x { ex:a } ?x ¦ }", "term", "predicate", ""],
];

for (const [marked, kind, position, word] of cases) {
  test(marked, () => {
    const at = marked.indexOf("¦");
    const text = marked.slice(0, at) + marked.slice(at + 1);
    assert.deepEqual(contextAt(text, at), { kind, from: at - word.length, word, position });
  });
}

for (const [marked, is] of [
  ["ASK { ?x ex:p ?y¦ }", true],
  ["ASK { ?x ex:p ?y¦ . }", true],
  ["ASK { ?x ex:p ex:o¦ }", true],
  ["ASK { ?x ex:p 'a'¦ }", true],
  ["ASK { ?x ex:p <http://e/>¦ }", true],
  ["ASK { ?x ex:p ?y ; ex:q 5¦ }", true],
  ["ASK { ?x ex:p 'a¦", false],
  ["ASK { ?x ex:p ?¦ }", false],
  ["ASK { ?x ex:p ?y # a¦", false],
  ["ASK { ?x ex:p¦ }", false],
  ["ASK { ?x ex:p ?y . ¦ }", false],
  ["ASK { FILTER(?x = ?y¦ ) }", false],
]) {
  test(`a pattern ${is ? "ends" : "does not end"} there: ${marked}`, () => {
    const at = marked.indexOf("¦");
    assert.equal(endsPattern(marked.slice(0, at) + marked.slice(at + 1), at), is);
  });
}
