// What every view of a result gets: the result, its columns, the names of its things.

/**
 * @typedef {object} Shown
 * @property {import("./results.js").Result} result
 * @property {import("./columns.js").Column[]} columns
 * @property {import("./names.js").Names} names
 * @property {{ page: string, objects: import("./asking.js").Objects }} asking the page that tells who says so, and of what
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
 * Break a text into lines at its spaces; what does not fit into them is left out.
 * @param {string} text
 * @param {number} width in letters
 * @param {number} most lines
 * @returns {string[]}
 */
export function wrapped(text, width, most) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  if (lines.length > most) lines.splice(most - 1, lines.length, `${lines[most - 1] ?? ""}…`);
  return lines.map((line) => clipped(line, width + 1));
}

/**
 * Shorten a text to about `most` characters.
 * @param {string} text
 * @param {number} most
 */
export function clipped(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1)).trimEnd()}…` : text;
}
