// Where in a query the cursor stands, and what can be written there.

import { tokens } from "./tokens.js";

/**
 * @typedef {"subject" | "predicate" | "object" | "class" | "any"} Position
 * @typedef {object} Context
 * @property {"variable" | "prefix" | "term" | "none"} kind what can be completed
 * @property {number} from where the word under the cursor begins
 * @property {string} word what there is of it
 * @property {Position} position in a triple pattern; `any` outside of one
 */

/** @type {Position[]} */
const POSITIONS = ["subject", "predicate", "object"];
const TYPES = new Set(["a", "rdf:type"]);

/**
 * Return the context of a position.
 * @param {string} text
 * @param {number} position
 * @returns {Context}
 */
export function contextAt(text, position) {
  const before = tokens(text.slice(0, position));
  const last = before.at(-1);
  const touching = last && last.to === position && last.kind !== "sign" && last.kind !== "number" ? last : null;
  if (touching) before.pop();
  const [from, word] = touching ? [touching.from, touching.text] : [position, ""];
  const shared = { from, word, position: positionAfter(before) };
  if (touching && (touching.kind === "comment" || touching.kind === "string" || touching.kind === "iri")) {
    return { ...shared, kind: "none" };
  }
  if (touching?.kind === "variable") return { ...shared, kind: "variable" };
  const isDeclaration = before.at(-1)?.text.toUpperCase() === "PREFIX";
  return { ...shared, kind: isDeclaration ? "prefix" : touching?.kind === "language" ? "none" : "term" };
}

/**
 * Follow triple patterns to their end and return the position that comes next.
 * @param {import("./tokens.js").Token[]} before
 * @returns {Position}
 */
function positionAfter(before) {
  /** @type {number[]} */
  const open = [];
  let count = -1;
  for (const token of before) {
    if ("{[(".includes(token.text)) {
      open.push(count);
      count = opened(count, token.text);
    } else if ("}])".includes(token.text)) {
      count = closed(open.pop() ?? -1, token.text);
    } else if (token.kind !== "comment") {
      count = next(count, token);
    }
  }
  if (count === 2 && TYPES.has(before.at(-1)?.text ?? "")) return "class";
  return POSITIONS[count] ?? "any";
}

/**
 * Return how many terms there are behind an opening bracket: an expression has none, a path in brackets goes on.
 * @param {number} count
 * @param {string} bracket
 */
function opened(count, bracket) {
  if (bracket === "{") return 0;
  return bracket === "[" || count === 1 ? 1 : -1;
}

/**
 * Return how many terms there are behind a closing bracket.
 * @param {number} outer how many there were before the opening one
 * @param {string} bracket
 */
function closed(outer, bracket) {
  if (bracket === "}") return Math.min(outer, 0);
  return bracket === "]" || outer === 1 ? after(outer) : outer;
}

/**
 * Return how many terms of the triple pattern there are after one more token; -1 outside of triple patterns.
 * @param {number} count
 * @param {import("./tokens.js").Token} token
 */
function next(count, token) {
  if (count < 0) return count;
  if (token.kind === "sign") return afterSign(count, token.text);
  if (token.kind === "word" && token.text !== "a" && !/^(true|false)$/i.test(token.text)) return 0;
  return after(count);
}

/**
 * @param {number} count
 * @param {string} sign
 */
function afterSign(count, sign) {
  if (sign === ".") return 0;
  if (sign === ";") return 1;
  if (sign === ",") return 2;
  return (sign === "/" || sign === "|") && count === 2 ? 1 : count;
}

/** @param {number} count */
function after(count) {
  return count < 0 ? count : count + 1;
}
