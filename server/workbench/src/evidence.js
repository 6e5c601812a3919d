// What asks who says so: the annotation of a triple pattern, and the variables in it as columns of the result.

import { declaration, declared } from "./prefixes.js";
import { tokens, variablesOf } from "./tokens.js";

/** @typedef {{ from: number, to?: number, insert: string }} Change */

/**
 * Return the changes that annotate the triple pattern before a position, and where the cursor is then.
 *
 * The variables are new ones; they go into the list of the SELECT clause too, where it has one and does not aggregate.
 * @param {string} text of the query
 * @param {number} from behind the object
 * @param {number} to what stands from there to here is replaced
 * @param {Record<string, string>} known prefix -> namespace IRI
 * @returns {{ changes: Change[], cursor: number }}
 */
export function evidence(text, from, to, known) {
  const taken = new Set(variablesOf(text).map((name) => name.slice(1)));
  const [basis, source, paragraph] = ["basis", "source", "paragraph"].map((name) => `?${unused(name, taken)}`);
  const what = `ammtc:basis ${basis} ; ammtc:passage [ ammtc:source ${source} ; ammtc:paragraph ${paragraph} ]`;
  const space = /\s$/.test(text.slice(0, from)) ? "" : " ";
  const missing = declared(text).size ? declaration(text, "ammtc", known) : null;
  const listed = endOfList(text, from);
  const before = [
    ...(missing && missing.at <= from ? [{ from: missing.at, insert: missing.text }] : []),
    ...(listed === null ? [] : [{ from: listed, insert: ` ${basis} ${source} ${paragraph}` }]),
  ];
  const annotation = { from, to, insert: `${space}{| ${what} |}` };
  const changes = [...before, annotation];
  return { changes, cursor: changes.reduce((at, change) => at + change.insert.length, from) };
}

/**
 * Return a name that no variable has.
 * @param {string} name
 * @param {Set<string>} taken
 */
function unused(name, taken) {
  for (let number = 1; ; number += 1) {
    const found = number === 1 ? name : `${name}${number}`;
    if (!taken.has(found)) return found;
  }
}

/**
 * Return where the list of variables ends that the SELECT clause around a position has, or null: it has none, as in
 * `SELECT *`, or more variables in it would be wrong, as with groups and aggregates.
 * @param {string} text
 * @param {number} position
 */
function endOfList(text, position) {
  const all = tokens(text).filter((token) => token.kind !== "comment");
  if (all.some((token) => /^GROUP$/i.test(token.text))) return null;
  /** @type {(number | null)[]} */
  const around = [];
  let list = /** @type {number | null} */ (null);
  for (const [i, token] of all.entries()) {
    if (token.from >= position) break;
    if (/^SELECT$/i.test(token.text)) list = listFrom(all.slice(i + 1));
    else if (token.text === "{") around.push(list);
    else if (token.text === "}") list = around.pop() ?? null;
  }
  return list;
}

/**
 * Return where a list of nothing but variables ends.
 * @param {import("./tokens.js").Token[]} rest what follows SELECT
 */
function listFrom(rest) {
  const first = rest[0] && /^(DISTINCT|REDUCED)$/i.test(rest[0].text) ? 1 : 0;
  let at = first;
  while (rest[at]?.kind === "variable") at += 1;
  const isWhole = at > first && (rest[at]?.text === "{" || /^(WHERE|FROM)$/i.test(rest[at]?.text ?? ""));
  return isWhole ? (rest[at - 1]?.to ?? null) : null;
}
