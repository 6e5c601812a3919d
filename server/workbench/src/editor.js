// The editor: CodeMirror with a language, suggestions, declared prefixes and a marker for errors.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, StreamLanguage } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { completions } from "./completion.js";
import { declaration, prefixTyped } from "./prefixes.js";
import { sparql12 } from "./sparql12.js";
import { theme } from "./theme.js";
import { tokens } from "./tokens.js";

/**
 * @typedef {import("./completion.js").Vocabulary} Vocabulary
 * @typedef {{ vocabulary: () => Vocabulary, loaded: Promise<void>, run: () => void }} Given what is known by now, when that is all, what runs the query
 */

/**
 * What there is of an editor for the rest of the workbench.
 * @typedef {object} Editor
 * @property {() => string} text
 * @property {(text: string) => void} replace puts another query into it
 * @property {() => void} focus
 * @property {(line: number, column: number, message: string) => void} mark shows an error there; both count from 1
 * @property {() => void} unmark
 * @property {(line: number, column: number) => void} go puts the cursor there
 */

/**
 * Put an editor into an element.
 *
 * It lives in a shadow tree: there CodeMirror keeps its rules in a constructed style sheet, which needs no exception
 * from a strict `style-src`.
 * @param {HTMLElement} place
 * @param {{ text: string } & Given} given
 * @returns {Editor}
 */
export function editor(place, given) {
  const root = place.attachShadow({ mode: "open" });
  const state = EditorState.create({ doc: given.text, extensions: extensions(given) });
  const view = new EditorView({ state, parent: root, root });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } }),
    focus: () => view.focus(),
    mark: (line, column, message) => view.dispatch(setDiagnostics(view.state, [diagnostic(view.state, line, column, message)])),
    unmark: () => view.dispatch(setDiagnostics(view.state, [])),
    go: (line, column) => {
      view.dispatch({ selection: { anchor: offset(view.state, line, column) }, scrollIntoView: true });
      view.focus();
    },
  };
}

/** Tab indents; behind Escape it goes on to what follows the editor, until something is written or the focus changes. */
const leaving = [
  Prec.highest(keymap.of([{ key: "Escape", run: (view) => (view.setTabFocusMode(true), false) }])),
  EditorView.updateListener.of((update) => {
    if (update.docChanged || update.focusChanged) update.view.setTabFocusMode(false);
  }),
];

/** @param {Given} given */
function extensions({ vocabulary, loaded, run }) {
  const runner = { key: "Mod-Enter", run: () => (run(), true) };
  return [
    leaving, // before the suggestions, which take Escape for themselves
    lineNumbers(),
    lintGutter(),
    history(),
    bracketMatching(),
    closeBrackets(),
    indentOnInput(),
    StreamLanguage.define(sparql12),
    autocompletion({ override: [completions(vocabulary, loaded)], icons: false }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": "SPARQL query. Escape, then Tab, leaves the editor.", spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => declareTyped(update, vocabulary())),
    keymap.of([
      runner,
      { key: "Tab", run: acceptCompletion },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
    theme,
  ];
}

/**
 * Declare a prefix as soon as its colon is typed.
 * @param {import("@codemirror/view").ViewUpdate} update
 * @param {Vocabulary} vocabulary
 */
function declareTyped(update, { prefixes }) {
  if (!update.docChanged || !update.transactions.some((transaction) => transaction.isUserEvent("input.type"))) return;
  const text = update.state.doc.toString();
  const prefix = prefixTyped(text, update.state.selection.main.head);
  const missing = prefix && declaration(text, prefix, prefixes);
  if (missing) update.view.dispatch({ changes: { from: missing.at, insert: missing.text }, userEvent: "input.declare" });
}

/**
 * @param {EditorState} state
 * @param {number} line
 * @param {number} column
 */
function offset(state, line, column) {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  const points = [...found.text].slice(0, Math.max(0, column - 1)).join("").length; // columns count characters
  return Math.min(found.to, found.from + points);
}

/**
 * Return the marker of an error: over the token at its place, or else the last one before.
 * @param {EditorState} state
 * @param {number} line
 * @param {number} column
 * @param {string} message
 * @returns {import("@codemirror/lint").Diagnostic}
 */
function diagnostic(state, line, column, message) {
  const at = offset(state, line, column);
  const found = tokens(state.doc.toString());
  const token = found.find((one) => one.from <= at && at < one.to) ?? found.find((one) => one.from >= at) ?? found.at(-1);
  const [from, to] = token ? [token.from, token.to] : [at, at];
  return { from, to, severity: "error", message };
}
