// Suggestions before and after the terms are there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { completions } from "../../../server/workbench/src/completion.js";

const none = { prefixes: {}, terms: [] };
const whole = { prefixes: { ammtc: "https://w3id.org/ammtc/ontology#" }, terms: [{ name: "ammtc:Meeting", label: "meeting", kind: "class", uses: 28 }] };
const typed = (text) => ({ state: { doc: text }, pos: text.length, explicit: false });
const labels = (found) => found.options.map((option) => option.label);

test("a word that was typed before the terms came gets its suggestions when they come", async () => {
  let vocabulary = none;
  let arrive;
  const source = completions(() => vocabulary, new Promise((resolve) => (arrive = resolve)));
  const early = source(typed("ASK { ?x a meeti"));
  vocabulary = whole;
  arrive();
  assert.deepEqual(labels(await early), ["ammtc:Meeting"]);
  assert.deepEqual(labels(source(typed("ASK { ?x a meeti"))), ["ammtc:Meeting"]);
});

test("without terms there are the words of the language", async () => {
  const source = completions(() => none, Promise.resolve());
  assert.deepEqual(labels(await source(typed("SELE"))), ["SELECT"]);
  assert.equal(source(typed("ASK { ?x a meeti")), null);
});

test("behind a whole pattern there is who says so, when it is asked for or its first word is typed", async () => {
  const source = completions(() => whole, Promise.resolve());
  await source(typed(""));
  const asked = (text) => source({ ...typed(text), explicit: true });
  assert.deepEqual(labels(asked("ASK { ?x ammtc:p ?y")), ["who says so"]);
  assert.deepEqual(labels(asked("ASK { ?x ammtc:p 'y' ")), ["who says so"]);
  assert.deepEqual(labels(asked("SELECT ?y { ?x ammtc:p ?y")), ["who says so", "?y"]);
  assert.deepEqual(labels(asked("SELECT ?yes { ?x ammtc:p ?y")), ["?yes"]);
  assert.deepEqual(labels(asked("ASK { ?x ammtc:p ammtc:Meet")), ["ammtc:Meeting"]);
  assert.deepEqual(labels(asked("ASK { ?x ammtc:p ammtc:Meeting")), ["who says so", "ammtc:Meeting"]);
  assert.deepEqual(labels(source(typed("ASK { ?x ammtc:p ?y wh"))), ["who says so", "WHERE"]);
  for (const quiet of ["ASK { ?x ammtc:p ?y", "ASK { ?x ammtc:p ?y ", "ASK { ?x ammtc:p/ammtc:q ?y "]) {
    assert.equal(source(typed(quiet)), null);
  }
});

test("in an annotation what says who says so comes first", async () => {
  const names = ["ammtc:actor", "ammtc:evidence", "ammtc:origin", "ammtc:basis", "ammtc:passage", "ammtc:strength"];
  const terms = names.map((name, i) => ({ name, kind: "property", uses: i ? 0 : 1000 }));
  const source = completions(() => ({ ...whole, terms }), Promise.resolve());
  await source(typed(""));
  const found = source({ ...typed("ASK { ?x ammtc:p ?y {| "), explicit: true });
  assert.deepEqual(labels(found), ["basis", "passage", "strength", "origin", "evidence", "actor"].map((name) => `ammtc:${name}`));
});
