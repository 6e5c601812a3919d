// Results as files.

import { spreadsheet } from "./csv.js";
import { button } from "./dom.js";

/** @typedef {import("./shown.js").Shown} Shown */

const ROWS = [
  { name: "CSV, exact", accept: "text/csv", file: "result.csv" },
  { name: "JSON", accept: "application/sparql-results+json", file: "result.json" },
];
const BOOLEAN = [{ name: "JSON", accept: "application/sparql-results+json", file: "result.json" }];
const GRAPH = [
  { name: "Turtle", accept: "text/turtle", file: "result.ttl" },
  { name: "JSON-LD", accept: "application/ld+json", file: "result.jsonld" },
];

/**
 * Return buttons for the files of a result.
 * @param {Shown} shown
 * @param {(work: () => Promise<void>) => void} attempt runs work and tells its problem
 */
export function downloads(shown, attempt) {
  const exact = { rows: ROWS, boolean: BOOLEAN, graph: GRAPH }[shown.result.kind].map(({ name, accept, file }) =>
    button(name, () => attempt(async () => save(file, accept, await shown.serialize(accept)))),
  );
  if (shown.result.kind !== "rows" || shown.result.partial) return exact;
  return [button("CSV for spreadsheets", () => attempt(() => saveSpreadsheet(shown))), ...exact];
}

/** @param {Shown} shown */
async function saveSpreadsheet(shown) {
  await shown.names.ensure(shown.result.rows);
  save("spreadsheet.csv", "text/csv", spreadsheet(shown.result, (term) => shown.names.text(term)));
}

/**
 * @param {string} name of the file
 * @param {string} type
 * @param {string} text
 */
function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
