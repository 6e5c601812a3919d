// CSV for spreadsheets, links, code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { field, spreadsheet } from "../../../server/workbench/src/csv.js";
import { curl, link, python } from "../../../server/workbench/src/snippets.js";

test("what looks like a formula gets an apostrophe", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "|x", "%x", "\r=1"]) {
    assert.match(field(text), /^"?'/, text);
  }
  for (const text of ["a=1", "text", "", "1-2"]) assert.equal(field(text), text);
});

test("commas, quotes and line ends are quoted", () => {
  assert.equal(field('a,"b"\nc'), '"a,""b""\nc"');
  assert.equal(field('=HYPERLINK("http://e","x")'), '"\'=HYPERLINK(""http://e"",""x"")"');
});

test("a column of things is followed by their IRIs; numbers stay numbers", () => {
  const rows = [
    [{ type: "uri", value: "http://e/=x" }, { type: "literal", value: "-5", datatype: "http://www.w3.org/2001/XMLSchema#integer" }],
    [null, { type: "literal", value: "-5" }],
  ];
  const made = spreadsheet({ kind: "rows", columns: ["who", "n"], rows }, (term) => (term?.type === "uri" ? "=name" : (term?.value ?? "")));
  assert.equal(made, "\ufeffwho,who (IRI),n\r\n'=name,http://e/=x,-5\r\n,,'-5\r\n");
});

test("links are read back as they were made, and not made too long", () => {
  const query = "SELECT * { ?s ?p 'ä & + # %' }";
  const parameters = new URL(link("/sparql", query, "chart"), "http://e").searchParams;
  assert.deepEqual([parameters.get("query"), parameters.get("view")], [query, "chart"]);
  assert.equal(new URL(link("/sparql", query, "table"), "http://e").searchParams.has("view"), false);
  assert.equal(link("/sparql", "x".repeat(9000), ""), null);
});

test("code quotes the query", () => {
  assert.match(curl("http://e/sparql", "ASK { ?s ?p 'a' }", "rows"), /'query=ASK \{ \?s \?p '\\''a'\\'' \}'/);
  assert.match(python("http://e/sparql", 'ASK { ?s ?p "a" }', "rows"), /query = "ASK \{ \?s \?p \\"a\\" \}"/);
  assert.match(python("http://e/sparql", "ASK {\n}", "rows"), /query = """ASK \{\n\}"""/);
  assert.match(python("http://e/sparql", 'ASK {\n ?s ?p "\\n" }', "graph"), /query = "ASK/);
});
