// Prefix declarations: which ones a query has, and where a missing one goes.

import { tokens } from "./tokens.js";

/** @typedef {{ at: number, text: string }} Insertion */

/**
 * Return the prefixes that a query declares, without their colons.
 * @param {string} text
 * @returns {Set<string>}
 */
export function declared(text) {
  return new Set(declarations(text).map((found) => found.prefix));
}

/**
 * Return what has to be inserted so that a query declares a prefix, or null where it does or nobody knows the prefix.
 * @param {string} text
 * @param {string} prefix without its colon
 * @param {Record<string, string>} known prefix -> namespace IRI
 * @returns {Insertion | null}
 */
export function declaration(text, prefix, known) {
  const iri = Object.hasOwn(known, prefix) ? known[prefix] : undefined;
  const present = declarations(text);
  if (!iri || present.some((found) => found.prefix === prefix)) return null;
  const line = `PREFIX ${prefix}: <${iri}>`;
  const last = present.at(-1);
  if (last) return { at: last.to, text: `\n${line}` };
  const first = tokens(text).find((token) => token.kind !== "comment");
  const at = first ? text.lastIndexOf("\n", first.from) + 1 : text.length;
  return { at, text: `${line}\n` };
}

/**
 * Return the prefix that was completed by a colon just typed, or null where the colon is none of a prefixed name.
 * @param {string} text
 * @param {number} position behind the colon
 */
export function prefixTyped(text, position) {
  const found = tokens(text.slice(0, position));
  const index = found.findIndex((token) => token.from < position && position <= token.to);
  const token = found[index];
  if (!token || token.kind !== "name" || text[position - 1] !== ":") return null;
  const prefix = token.text.slice(0, token.text.indexOf(":"));
  const isFirstColon = token.from + prefix.length + 1 === position;
  const before = found[index - 1];
  return isFirstColon && prefix !== "_" && before?.text.toUpperCase() !== "PREFIX" ? prefix : null;
}

/**
 * Return what to write for an IRI: prefixed where a known namespace fits and the rest needs no escape.
 * @param {string} iri
 * @param {Record<string, string>} known
 */
export function shortened(iri, known) {
  let best = "";
  for (const prefix of Object.keys(known)) {
    const namespace = known[prefix] ?? "";
    if (iri.startsWith(namespace) && namespace.length > (known[best]?.length ?? 0)) best = prefix;
  }
  return best ? `${best}:${iri.slice(known[best]?.length)}` : iri;
}

/**
 * @param {string} text
 * @returns {{ prefix: string, to: number }[]}
 */
function declarations(text) {
  const found = tokens(text);
  return found.flatMap((token, i) => {
    const [name, iri] = [found[i + 1], found[i + 2]];
    if (token.text.toUpperCase() !== "PREFIX" || !name || !iri) return [];
    return name.text.endsWith(":") && iri.kind === "iri" ? [{ prefix: name.text.slice(0, -1), to: iri.to }] : [];
  });
}
