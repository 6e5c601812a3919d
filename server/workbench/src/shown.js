// What every view of a result gets: the result, its columns, the names of its things.

/**
 * @typedef {object} Shown
 * @property {import("./results.js").Result} result
 * @property {import("./columns.js").Column[]} columns
 * @property {import("./names.js").Names} names
 * @property {(accept: string) => Promise<string>} serialize asks the endpoint for the same result in another format
 */

/**
 * Return the names of the columns of some kinds, citations aside, those of the first kind first.
 * @param {Shown} shown
 * @param {...import("./columns.js").Column["kind"]} kinds
 */
export function columnsOfKinds(shown, ...kinds) {
  return kinds.flatMap((kind) => shown.columns.filter((column) => column.kind === kind && !column.citation));
}

/**
 * Shorten a text to about so many characters.
 * @param {string} text
 * @param {number} most
 */
export function clipped(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1)).trimEnd()}…` : text;
}
