// Terms by what was typed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plain, ranked } from "../../../server/workbench/src/ranking.js";

const terms = [
  { name: "ammtc:Meeting", label: "meeting", kind: "class", uses: 28 },
  { name: "ammtc:MinisterialMeeting", label: "ministerial meeting", kind: "class", uses: 2 },
  { name: "ammtc:atEvent", label: "at meeting", kind: "property", uses: 74 },
  { name: "id:hanoi", label: "Hà Nội", kind: "thing" },
  { name: "id:melaka", label: "Melaka", kind: "thing" },
];
const names = (...asked) => ranked(terms, ...asked, 10).map((term) => term.name);

test("by name and by label", () => {
  assert.deepEqual(names("minis", "any"), ["ammtc:MinisterialMeeting"]);
  assert.deepEqual(names("ha noi", "any"), ["id:hanoi"]);
  assert.equal(names("meeting", "any")[0], "ammtc:Meeting");
});

test("with a prefix, the terms of that prefix only", () => {
  assert.deepEqual(names("id:", "any").sort(), ["id:hanoi", "id:melaka"]);
  assert.deepEqual(names("id:me", "any"), ["id:melaka"]);
});

test("what fits the position goes first", () => {
  assert.equal(names("", "predicate")[0], "ammtc:atEvent");
  assert.equal(names("m", "class")[0], "ammtc:Meeting");
  assert.equal(names("", "object")[0], "id:hanoi");
});

test("no more than wanted, nothing that does not fit", () => {
  assert.equal(ranked(terms, "", "any", 2).length, 2);
  assert.deepEqual(names("zzz", "any"), []);
});

test("plain text", () => assert.equal(plain("Hà NỘI"), "ha noi"));
