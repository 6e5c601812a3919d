// The language of the editor: SPARQL of CodeMirror's modes, and what SPARQL 1.2 adds.

import { sparql } from "@codemirror/legacy-modes/mode/sparql";

/**
 * `<<` begins a triple term or a reified triple: an operator, where the mode sees an IRI and swallows what follows, the
 * bracket too. `~` before a reifier is no word.
 * @type {import("@codemirror/language").StreamParser<any>}
 */
export const sparql12 = {
  ...sparql,
  token: (stream, state) => {
    const style = sparql.token(stream, state);
    const read = stream.current();
    if (style === "variable" && read.startsWith("~")) stream.backUp(read.length - 1);
    else if (style === "atom" && read.startsWith("<<")) stream.backUp(read.length - 2);
    else return style;
    return "operator";
  },
};
