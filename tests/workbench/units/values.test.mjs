// Numbers and times in literals.

import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, isTime, numberOf, ticks, timeOf } from "../../../server/workbench/src/values.js";

const literal = (value, type) => ({ type: "literal", value, datatype: `http://www.w3.org/2001/XMLSchema#${type}` });
const day = (text) => Date.parse(`${text}T00:00Z`);

test("numbers by datatype, not by look", () => {
  assert.equal(numberOf(literal("-1.5e3", "double")), -1500);
  assert.equal(numberOf(literal("12", "string")), null);
  assert.equal(numberOf(literal("INF", "double")), null);
  assert.equal(numberOf({ type: "uri", value: "12" }), null);
  assert.equal(numberOf(null), null);
});

test("times as precise as they are", () => {
  const cases = [
    ["2025-09-12", "date", "2025-09-12", "2025-09-13", "12 September 2025"],
    ["2025-12", "gYearMonth", "2025-12-01", "2026-01-01", "December 2025"],
    ["2025", "gYear", "2025-01-01", "2026-01-01", "2025"],
    ["0044", "gYear", "0044-01-01", "0045-01-01", "0044"],
  ];
  for (const [value, type, start, end, text] of cases) {
    assert.deepEqual(timeOf(literal(value, type)), { start: day(start), end: day(end), year: Number(value.slice(0, 4)), text });
  }
  assert.equal(timeOf(literal("2025-09-12T08:30:00Z", "dateTime")).text, "12 September 2025 08:30");
});

test("what is no time, and what is one without a year", () => {
  assert.equal(timeOf(literal("someday", "date")), null);
  assert.equal(timeOf(literal("2025-09-12", "string")), null);
  assert.equal(timeOf(literal("--10", "gMonth")), null);
  assert.equal(isTime(literal("--10", "gMonth")), true);
});

test("round ticks", () => {
  assert.deepEqual(ticks(0, 16, 5), [0, 5, 10, 15]);
  assert.deepEqual(ticks(-0.3, 0.3, 3), [-0.2, 0, 0.2]);
  assert.deepEqual(ticks(7, 7, 5).includes(7), true);
});

test("durations", () => assert.deepEqual([0.0081, 0.0001, 1.26].map(duration), ["8 ms", "1 ms", "1.3 s"]));
