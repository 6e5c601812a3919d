// What asks who says so, put into a query at the place that is marked by |.

import assert from "node:assert/strict";
import { test } from "node:test";
import { evidence } from "../../../server/workbench/src/evidence.js";

const known = { ammtc: "http://a/", ex: "http://e/" };
const asks = "{| ammtc:basis ?basis ; ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ] |}";

/** Return a query with the annotation, and the cursor as | again. */
function annotated(marked) {
  const at = marked.indexOf("|");
  const text = marked.slice(0, at) + marked.slice(at + 1);
  const { changes, cursor } = evidence(text, at, at, known);
  let changed = text;
  for (const { from, to, insert } of [...changes].reverse()) changed = changed.slice(0, from) + insert + changed.slice(to ?? from);
  return `${changed.slice(0, cursor)}|${changed.slice(cursor)}`;
}

test("behind the object, before the dot", () => {
  assert.equal(annotated("ASK { ?x ex:p ?y| . }"), `ASK { ?x ex:p ?y ${asks}| . }`);
  assert.equal(annotated("ASK { ?x ex:p ?y | }"), `ASK { ?x ex:p ?y ${asks}| }`);
});

test("names that are taken get a number", () => {
  const made = annotated("ASK { ?source ex:p ?basis . ?basis2 ex:p ?y| }");
  assert.ok(made.endsWith(" {| ammtc:basis ?basis3 ; ammtc:passage [ ammtc:source ?source2 ; ammtc:paragraph ?paragraph ] |}| }"), made);
});

test("the prefix is declared where the query declares some itself", () => {
  assert.equal(
    annotated("PREFIX ex: <http://e/>\nASK { ?x ex:p ?y| }"),
    `PREFIX ex: <http://e/>\nPREFIX ammtc: <http://a/>\nASK { ?x ex:p ?y ${asks}| }`,
  );
  assert.equal(annotated("PREFIX ammtc: <http://a/>\nASK { ?x ammtc:p ?y| }"), `PREFIX ammtc: <http://a/>\nASK { ?x ammtc:p ?y ${asks}| }`);
});

test("listed variables get company", () => {
  const columns = "?basis ?source ?paragraph";
  assert.equal(annotated("SELECT DISTINCT ?x ?y WHERE { ?x ex:p ?y| }"), `SELECT DISTINCT ?x ?y ${columns} WHERE { ?x ex:p ?y ${asks}| }`);
  assert.equal(
    annotated("SELECT ?z { { SELECT ?x { ?x ex:p ?y| } } ?x ex:q ?z }"),
    `SELECT ?z { { SELECT ?x ${columns} { ?x ex:p ?y ${asks}| } } ?x ex:q ?z }`,
  );
  assert.equal(
    annotated("SELECT ?x { { SELECT ?y { ?y ex:p 1 } } ?x ex:q ?y| }"),
    `SELECT ?x ${columns} { { SELECT ?y { ?y ex:p 1 } } ?x ex:q ?y ${asks}| }`,
  );
});

for (const query of [
  "SELECT * { ?x ex:p ?y| }",
  "SELECT (COUNT(?x) AS ?n) { ?x ex:p ?y| }",
  "SELECT ?y (COUNT(?x) AS ?n) { ?x ex:p ?y| } GROUP BY ?y",
  "SELECT ?y { ?x ex:p ?y| } GROUP BY ?y",
  "CONSTRUCT { ?x ex:p ?y } WHERE { ?x ex:p ?y| }",
]) {
  test(`nothing is listed: ${query}`, () => assert.equal(annotated(query), query.replace("?y|", `?y ${asks}|`)));
}
