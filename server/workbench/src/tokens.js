// The tokens of a SPARQL query, also of an unfinished one: as much of the grammar as an editor needs.
// https://www.w3.org/TR/sparql12-query/#grammar

/** @typedef {"comment" | "iri" | "string" | "variable" | "language" | "name" | "word" | "number" | "sign"} Kind */
/** @typedef {{ kind: Kind, text: string, from: number, to: number }} Token */

/** @type {[Kind, string][]} */
const PATTERNS = [
  ["comment", "#[^\\n]*"],
  ["sign", "<<\\(?"], // begins a triple term or a reified triple
  ["iri", "<[^<>\"{}|^`\\\\\\s]*>|<[A-Za-z][A-Za-z0-9+.-]*:[^<>\\s]*$"],
  ["string", '"""(?:[^"\\\\]|\\\\[^]|"(?!""))*(?:"""|$)'],
  ["string", "'''(?:[^'\\\\]|\\\\[^]|'(?!''))*(?:'''|$)"],
  ["string", '"(?:[^"\\\\\\n]|\\\\.)*"?'],
  ["string", "'(?:[^'\\\\\\n]|\\\\.)*'?"],
  ["variable", "[?$][\\p{L}\\p{N}_]+|[?$](?=\\s*$)"],
  ["language", "@[A-Za-z]+(?:-[A-Za-z0-9]+)*"],
  ["name", "(?:_|[\\p{L}][\\p{L}\\p{N}_.-]*)?:(?:[\\p{L}\\p{N}_:%-]|\\\\.|\\.(?=[\\p{L}\\p{N}_:%-]))*"],
  ["number", "\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?"],
  ["word", "[\\p{L}_][\\p{L}\\p{N}_-]*"],
  ["sign", "\\^\\^|&&|\\|\\||\\{\\||\\|\\}|\\)?>>|[<>!]=|[^\\s]"],
];

const TOKEN = new RegExp(PATTERNS.map(([, pattern]) => `(${pattern})`).join("|"), "gu");

/**
 * Return the tokens of a query in their order.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokens(text) {
  return Array.from(text.matchAll(TOKEN), (match) => {
    const found = PATTERNS[match.findIndex((group, i) => i > 0 && group !== undefined) - 1];
    return { kind: found ? found[0] : "sign", text: match[0], from: match.index, to: match.index + match[0].length };
  });
}

/**
 * Return the form of a query.
 * @param {string} text
 * @returns {"SELECT" | "ASK" | "CONSTRUCT" | "DESCRIBE" | null}
 */
export function formOf(text) {
  for (const token of tokens(text)) {
    const word = token.text.toUpperCase();
    if (token.kind === "word" && (word === "SELECT" || word === "ASK" || word === "CONSTRUCT" || word === "DESCRIBE")) {
      return word;
    }
  }
  return null;
}

/**
 * Return the names of the variables of a query, each once, with their question mark.
 * @param {string} text
 */
export function variablesOf(text) {
  return [...new Set(tokens(text).filter((t) => t.kind === "variable" && t.text.length > 1).map((t) => t.text))];
}

/**
 * Return whether a query limits its rows itself, outside of subqueries.
 * @param {string} text
 */
export function hasLimit(text) {
  let depth = 0;
  return tokens(text).some((token) => {
    depth += token.text === "{" ? 1 : token.text === "}" ? -1 : 0;
    return depth === 0 && token.kind === "word" && token.text.toUpperCase() === "LIMIT";
  });
}
