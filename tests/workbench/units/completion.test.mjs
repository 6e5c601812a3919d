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
