// Where in a query the cursor stands, and what can be written there.

import { tokens } from "./tokens.js";

/**
 * @typedef {"subject" | "predicate" | "evidence" | "object" | "class" | "end" | "any"} Position
 * @typedef {object} Context
 * @property {"variable" | "prefix" | "term" | "none"} kind what can be completed
 * @property {number} from where the word under the cursor begins
 * @property {string} word what there is of it
 * @property {Position} position in a triple pattern: `evidence` is a predicate in `{| |}`, `end` behind a whole
 *   pattern that can be annotated; `any` outside of patterns
 */

/**
 * How far a triple pattern has come.
 * @typedef {object} State
 * @property {number} count of its terms; NONE outside of patterns, DATA in what follows VALUES
 * @property {boolean} plain its predicate is no path, and it stands in no triple term: it can be annotated
 * @property {boolean} annotating it says something of a reifier, in `{| |}`
 */

/** @type {Position[]} */
const POSITIONS = ["subject", "predicate", "object"];
const TYPES = new Set(["a", "rdf:type"]);
const NONE = -1;
const DATA = -2;
const WHOLE = 3;

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
 * Return whether a whole triple pattern that can be annotated ends at a position, its object being the last token.
 * @param {string} text
 * @param {number} position
 */
export function endsPattern(text, position) {
  const before = tokens(text.slice(0, position));
  const last = before.at(-1);
  const isOpen = last?.kind === "comment" || (last?.kind === "string" && !/^(?:"""|'''|["'])[^]*["']$/.test(last.text)) || last?.text === "?";
  return !isOpen && positionAfter(before) === "end";
}

/**
 * Follow triple patterns to their end and return the position that comes next.
 * @param {import("./tokens.js").Token[]} before
 * @returns {Position}
 */
function positionAfter(before) {
  /** @type {State[]} */
  const open = [];
  let state = pattern(NONE);
  let sign = "";
  for (const token of before) {
    if (token.kind === "comment") continue;
    if (["{", "[", "(", "{|", "<<", "<<("].includes(token.text)) {
      open.push(state);
      state = opened(state, token.text);
    } else if (["}", "]", ")", "|}", ">>", ")>>"].includes(token.text)) {
      state = closed(open.pop() ?? pattern(NONE), token.text);
    } else if (token.kind === "sign" || (token.kind !== "language" && sign !== "^^" && sign !== "~")) {
      state = next(state, token);
    }
    sign = token.kind === "sign" ? token.text : "";
  }
  return named(state, before.at(-1)?.text ?? "");
}

/**
 * @param {State} state
 * @param {string} last
 * @returns {Position}
 */
function named({ count, plain, annotating }, last) {
  if (count === 2 && TYPES.has(last)) return "class";
  if (count === 1 && annotating) return "evidence";
  if (count === WHOLE && plain && !annotating && last !== "~") return "end";
  return POSITIONS[count] ?? "any";
}

/**
 * @param {number} count
 * @param {{ plain?: boolean, annotating?: boolean }} [more]
 * @returns {State}
 */
function pattern(count, { plain = true, annotating = false } = {}) {
  return { count, plain, annotating };
}

/**
 * Return the state behind an opening bracket: an expression has no terms, a path in brackets goes on.
 * @param {State} outer
 * @param {string} bracket
 */
function opened(outer, bracket) {
  if (bracket === "{|") return pattern(1, { annotating: true });
  if (bracket.startsWith("<<")) return pattern(outer.count < 0 ? outer.count : 0, { plain: false });
  if (bracket === "{") return pattern(outer.count === DATA ? DATA : 0);
  if (bracket === "[") return pattern(1);
  return pattern(outer.count === 1 ? 1 : NONE);
}

/**
 * Return the state behind a closing bracket.
 * @param {State} outer what it was before the opening one
 * @param {string} bracket
 * @returns {State}
 */
function closed(outer, bracket) {
  if (bracket === "}") return pattern(outer.count === DATA ? 0 : Math.min(outer.count, 0));
  if (bracket === "|}") return { ...outer, count: WHOLE + 1 };
  if (bracket === ")") return outer.count === 1 ? { ...outer, count: 2, plain: false } : outer;
  return after(outer);
}

/**
 * Return the state behind one more token.
 * @param {State} state
 * @param {import("./tokens.js").Token} token
 * @returns {State}
 */
function next(state, token) {
  if (state.count < 0) return state;
  if (token.kind === "sign") return afterSign(state, token.text);
  if (token.kind !== "word" || token.text === "a" || /^(true|false)$/i.test(token.text)) return after(state);
  return pattern(token.text.toUpperCase() === "VALUES" ? DATA : 0);
}

/**
 * @param {State} state
 * @param {string} sign
 * @returns {State}
 */
function afterSign(state, sign) {
  if (sign === ".") return pattern(0);
  if (sign === ";") return { ...state, count: 1, plain: true };
  if (sign === ",") return { ...state, count: 2 };
  if (state.count === 1 && "^!".includes(sign)) return { ...state, plain: false };
  if (state.count !== 2 || !"/|*+?".includes(sign)) return state;
  return { ...state, count: "/|".includes(sign) ? 1 : 2, plain: false };
}

/**
 * @param {State} state
 * @returns {State}
 */
function after(state) {
  return state.count < 0 ? state : { ...state, count: state.count + 1 };
}
