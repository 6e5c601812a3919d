// Which terms fit what was typed, the best first: by name or by label, at the position where they make sense.

/**
 * @typedef {object} Term
 * @property {string} name as a query writes it
 * @property {string} [label]
 * @property {"class" | "property" | "thing"} kind
 * @property {number} [uses]
 * @property {string} [definition]
 */

/** @typedef {import("./context.js").Position} Position */

/** @type {Record<Position, Partial<Record<Term["kind"], number>>>} */
const FITTING = {
  class: { class: 6 },
  predicate: { property: 6 },
  evidence: { property: 6 },
  subject: { thing: 2 },
  object: { thing: 3 },
  end: {},
  any: {},
};

/** What says who says so, in the order in which it is asked for. */
const SAYING = ["basis", "passage", "strength", "origin", "evidence"].map((name) => `ammtc:${name}`);
const FIRST = 100;

/**
 * Return the terms that fit, the best first.
 * @param {readonly Term[]} terms
 * @param {string} word what was typed: a part of the name or of the label
 * @param {Position} position
 * @param {number} most
 * @returns {Term[]}
 */
export function ranked(terms, word, position, most) {
  const wanted = plain(word);
  /** @type {{ term: Term, score: number }[]} */
  const scored = [];
  for (const term of terms) {
    const score = likeness(term, wanted);
    if (score <= 0) continue;
    const use = Math.log10(1 + (term.uses ?? 0)) / 2;
    const first = position === "evidence" && SAYING.includes(term.name) ? FIRST - SAYING.indexOf(term.name) * 10 : 0;
    scored.push({ term, score: score + (FITTING[position][term.kind] ?? 0) + use + first });
  }
  scored.sort((a, b) => b.score - a.score || (a.term.name < b.term.name ? -1 : 1));
  return scored.slice(0, most).map((found) => found.term);
}

/**
 * Return a text without case and marks on letters.
 * @param {string} text
 */
export function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Return how well a term fits, 0 for not at all.
 * @param {Term} term
 * @param {string} wanted
 */
function likeness(term, wanted) {
  const name = plain(term.name);
  const colon = name.indexOf(":");
  if (wanted.includes(":")) {
    const [prefix, local] = [wanted.slice(0, wanted.indexOf(":") + 1), wanted.slice(wanted.indexOf(":") + 1)];
    return name.startsWith(prefix) ? Math.max(0, textual(name.slice(colon + 1), term.label ?? "", local)) : 0;
  }
  if (wanted && name.startsWith(wanted)) return 4;
  return textual(name.slice(colon + 1), term.label ?? "", wanted);
}

/**
 * @param {string} local
 * @param {string} label
 * @param {string} wanted
 */
function textual(local, label, wanted) {
  const shown = plain(label);
  if (local === wanted || shown === wanted) return 9;
  if (local.startsWith(wanted)) return 6;
  if (shown.startsWith(wanted)) return 5;
  if (shown.includes(` ${wanted}`)) return 4;
  return local.includes(wanted) ? 2 : 0;
}
