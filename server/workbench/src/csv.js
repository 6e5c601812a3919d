// Comma-separated values for spreadsheet programs: names instead of IRIs, and nothing that would run as a formula.
// The exact result is the endpoint's own CSV.

import { numberOf } from "./values.js";

/** @typedef {import("./results.js").Term} Term */

const FORMULA = /^[\s\0]*[=+\-@\t\r|%]/;

/**
 * Return a result as CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheet programs know it.
 *
 * A column in which there are IRIs is followed by one that has them, behind the one with their names.
 * @param {import("./results.js").Result} result
 * @param {(term: Term | null) => string} text
 */
export function spreadsheet(result, text) {
  const linked = result.columns.map((_, i) => result.rows.some((row) => row[i]?.type === "uri"));
  const head = result.columns.flatMap((name, i) => (linked[i] ? [field(name), field(`${name} (IRI)`)] : [field(name)]));
  const lines = result.rows.map((row) =>
    result.columns.flatMap((_, i) => {
      const term = row[i] ?? null;
      const shown = numberOf(term) === null ? field(text(term)) : (term?.value ?? "");
      return linked[i] ? [shown, term?.type === "uri" ? field(term.value) : ""] : [shown];
    }),
  );
  return `\ufeff${[head, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("")}`;
}

/**
 * Return a field of CSV that no spreadsheet program takes for a formula: an apostrophe goes before what looks like one.
 * @param {string} text
 */
export function field(text) {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
