// Suggestions while a query is typed: terms of the graph, variables of the query, prefixes, words of the language.

import { pickedCompletion } from "@codemirror/autocomplete";
import { contextAt, endsPattern } from "./context.js";
import { evidence } from "./evidence.js";
import { declaration } from "./prefixes.js";
import { plain, ranked } from "./ranking.js";
import { variablesOf } from "./tokens.js";

/**
 * @typedef {import("@codemirror/autocomplete").Completion} Completion
 * @typedef {import("@codemirror/autocomplete").CompletionContext} CompletionContext
 * @typedef {import("@codemirror/autocomplete").CompletionResult} CompletionResult
 * @typedef {import("@codemirror/view").EditorView} EditorView
 * @typedef {{ prefixes: Record<string, string>, terms: import("./ranking.js").Term[] }} Vocabulary
 */

const SAYING = "who says so";
const MOST = 12; // none has to be scrolled to, which some readers cannot
const WORDS = (
  "SELECT DISTINCT WHERE ASK CONSTRUCT DESCRIBE PREFIX FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES EXISTS " +
  "NOT IN AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT BOUND IF COALESCE " +
  "REGEX REPLACE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER SUBSTR STRLEN UCASE LCASE CONCAT STR LANG LANGMATCHES " +
  "DATATYPE IRI STRDT STRLANG isIRI isLITERAL isBLANK isNUMERIC ABS ROUND CEIL FLOOR YEAR MONTH DAY HOURS MINUTES NOW UNDEF"
).split(" ");

/**
 * Return a source of suggestions for the editor. One that is asked before the terms are there answers when they are.
 * @param {() => Vocabulary} vocabulary what is known by now
 * @param {Promise<void>} loaded when that is all
 * @returns {(context: CompletionContext) => CompletionResult | null | Promise<CompletionResult | null>}
 */
export function completions(vocabulary, loaded) {
  let complete = false;
  void loaded.then(() => (complete = true));
  return (context) => (complete ? suggest(context, vocabulary()) : loaded.then(() => suggest(context, vocabulary())));
}

/**
 * @param {CompletionContext} context
 * @param {Vocabulary} vocabulary
 * @returns {CompletionResult | null}
 */
function suggest({ state, pos, explicit }, { prefixes, terms }) {
  const text = state.doc.toString();
  const context = contextAt(text, pos);
  const ends = explicit && endsPattern(text, pos);
  const said = saying(prefixes, ends);
  if (ends && (context.kind === "none" || !context.word)) return { from: pos, options: [said], filter: false };
  if (context.kind === "none" || (!context.word && !explicit)) return null;
  const offers = {
    variable: () => variables(text, context),
    prefix: () => namespaces(prefixes, context.word),
    term: () => [
      ...(context.position === "end" && SAYING.startsWith(context.word.toLowerCase()) ? [said] : []),
      ...words(context),
      ...ranked(terms, context.word, context.position, MOST).map((term) => offerOf(term, prefixes)),
    ],
  };
  const found = offers[context.kind]();
  const isWhole = found.length === 0 || found.some((offer) => offer.label === context.word);
  const options = (ends && isWhole ? [said, ...found] : found).slice(0, MOST);
  return options.length ? { from: context.from, to: pos, options, filter: false } : null;
}

/**
 * @param {import("./ranking.js").Term} term
 * @param {Record<string, string>} prefixes
 * @returns {Completion}
 */
function offerOf(term, prefixes) {
  return {
    label: term.name,
    detail: term.label && term.label !== term.name ? `${term.label} · ${term.kind}` : term.kind,
    ...(term.definition && { info: term.definition }),
    apply: (view, completion, from, to) => insert(view, completion, from, to, prefixes),
  };
}

/**
 * Write a term into the query, with the declaration of its prefix where that is missing.
 * @param {EditorView} view
 * @param {Completion} completion
 * @param {number} from
 * @param {number} to
 * @param {Record<string, string>} prefixes
 */
function insert(view, completion, from, to, prefixes) {
  const name = completion.label;
  const prefix = name.startsWith("<") ? "" : name.slice(0, name.indexOf(":"));
  const missing = declaration(view.state.doc.toString(), prefix, prefixes);
  const before = missing && missing.at <= from ? missing.text.length : 0;
  view.dispatch({
    changes: [...(missing ? [{ from: missing.at, insert: missing.text }] : []), { from, to, insert: name }],
    selection: { anchor: from + before + name.length },
    annotations: pickedCompletion.of(completion),
    userEvent: "input.complete",
  });
}

/**
 * Return the offer of what asks for the evidence of a triple pattern.
 * @param {Record<string, string>} prefixes
 * @param {boolean} behind the word under the cursor is the object, and stays
 * @returns {Completion}
 */
function saying(prefixes, behind) {
  return {
    label: SAYING,
    detail: "basis, source and paragraph",
    info: "Asks for each justification of the statement: what kind it is, and the paragraphs of the sources that say it.",
    apply: (view, completion, from, to) => {
      const { changes, cursor } = evidence(view.state.doc.toString(), behind ? to : from, to, prefixes);
      view.dispatch({
        changes,
        selection: { anchor: cursor },
        annotations: pickedCompletion.of(completion),
        userEvent: "input.complete",
      });
    },
  };
}

/**
 * @param {string} text
 * @param {import("./context.js").Context} context
 * @returns {Completion[]}
 */
function variables(text, { from, word }) {
  const elsewhere = text.slice(0, from) + text.slice(from + word.length);
  const found = variablesOf(elsewhere).filter((name) => name.slice(1).startsWith(word.slice(1)));
  return found.map((label) => ({ label, detail: "variable" }));
}

/**
 * @param {Record<string, string>} prefixes
 * @param {string} word
 * @returns {Completion[]}
 */
function namespaces(prefixes, word) {
  const found = Object.entries(prefixes).filter(([prefix]) => `${prefix}:`.startsWith(plain(word)));
  return found.map(([prefix, iri]) => ({ label: `${prefix}: <${iri}>`, detail: "prefix" }));
}

/**
 * @param {import("./context.js").Context} context
 * @returns {Completion[]}
 */
function words({ word }) {
  const wanted = word.toUpperCase();
  const found = wanted.length > 1 ? WORDS.filter((known) => known.toUpperCase().startsWith(wanted)) : [];
  return found.slice(0, MOST / 2).map((label) => ({ label, detail: "SPARQL" }));
}
