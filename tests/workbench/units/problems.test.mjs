// What the endpoint's errors become.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, Problem, problemOf } from "../../../server/workbench/src/endpoint.js";
import { matching } from "../../../server/workbench/src/examples.js";

test("a problem with its place", () => {
  const text = JSON.stringify({ detail: "Wrong.", remedy: "Mend it.", code: "query-syntax", line: 3, column: 7 });
  const { message, remedy, code, line, column, status, retryAfter } = problemOf(400, text, null);
  assert.deepEqual([message, remedy, code, line, column, status, retryAfter], ["Wrong.", "Mend it.", "query-syntax", 3, 7, 400, null]);
});

test("a problem to come back from", () => assert.equal(problemOf(503, "{}", "5").retryAfter, 5));

test("an error of something between here and the server", () => {
  const problem = problemOf(502, "<html>Bad gateway", "Fri, 31 Dec 1999 23:59:59 GMT");
  assert.deepEqual([problem.message, problem.retryAfter, problem.line], ["The server answered with status 502.", null, null]);
});

test("no server at all", async () => {
  await assert.rejects(ask("http://127.0.0.1:1/sparql", "ASK { }", "*/*"), (error) => error instanceof Problem && error.code === "network");
});

test("examples by words of any of their parts", () => {
  const examples = [
    { name: "a-b", title: "Who met in Hà Nội?", topic: "Meetings", note: "", query: "" },
    { name: "c-d", title: "What was adopted?", topic: "Instruments", note: "Of the plan.", query: "" },
  ];
  const names = (search) => matching(examples, search).map((example) => example.name);
  assert.deepEqual(names("ha noi meet"), ["a-b"]);
  assert.deepEqual(names("plan instruments"), ["c-d"]);
  assert.deepEqual(names("  "), ["a-b", "c-d"]);
  assert.deepEqual(names("nothing"), []);
});
