// How the editor looks: the colours are those of the page, light and dark.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const MONO = 'ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "0.9rem", borderRadius: "5px" },
  "&.cm-focused": { outline: "2px solid var(--link)", outlineOffset: "0" },
  ".cm-scroller": { fontFamily: MONO, lineHeight: "1.55", overflow: "auto", minHeight: "11rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "var(--text)", padding: "0.6rem 0" },
  ".cm-line": { padding: "0 0.8rem 0 0.4rem" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "transparent", border: "none", paddingLeft: "0.3rem" },
  ".cm-activeLineGutter, .cm-activeLine": { backgroundColor: "transparent" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)", outline: "1px solid var(--line)" },
  ".cm-tooltip": {
    color: "var(--text)",
    backgroundColor: "var(--panel)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    maxWidth: "min(38rem, 88vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: MONO, maxHeight: "none", maxWidth: "100%", minWidth: "0" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", fontFamily: "system-ui, sans-serif", fontSize: "0.85em" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.4rem 0.7rem", maxWidth: "22rem" },
  "@media (max-width: 40rem)": { ".cm-tooltip.cm-completionInfo": { display: "none" } },
  ".cm-diagnostic": { borderLeft: "4px solid var(--warn-line)", padding: "0.3rem 0.7rem" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--warn-line)", backgroundColor: "var(--warn-ground)" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--warn-line)" },
  ".cm-lint-marker-error": { content: "none", width: "0.7em", height: "0.7em", marginTop: "0.45em", borderRadius: "50%", backgroundColor: "var(--warn-line)" },
});

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.standard(tags.name), tags.standard(tags.variableName)], color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.atom, color: "var(--code-name)" },
  { tag: [tags.local(tags.variableName), tags.variableName], color: "var(--code-variable)", whiteSpace: "nowrap" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)" },
]);

/** The extensions that make the editor look like this. */
export const theme = [look, syntaxHighlighting(highlight)];
