// A term of a result as an element: its name with a link, a citation, or the text of a literal.

import { button, h } from "./dom.js";
import { safe } from "./names.js";
import { shortened } from "./prefixes.js";

/**
 * @typedef {import("./results.js").Term} Term
 * @typedef {import("./names.js").Names} Names
 */

const LONG = 400;
const LONG_WORD = /\S{40}/;
const PLAIN = new Set([
  "http://www.w3.org/2001/XMLSchema#string",
  "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
]);

/**
 * Return what shows a term.
 * @param {Term | null} term
 * @param {Names} names
 * @returns {Node}
 */
export function cell(term, names) {
  if (!term) return document.createTextNode("");
  if (term.type === "uri") return thing(term.value, names);
  if (term.type === "literal") return literal(term, names);
  if (term.parts) return h("span", { class: "triple-term" }, "⟨", ...spaced(term.parts.map((part) => cell(part, names))), "⟩");
  return h("span", { class: "wb-unnamed" }, names.text(term));
}

/**
 * Return nodes with a space between them.
 * @param {Node[]} nodes
 * @returns {(Node | string)[]}
 */
function spaced(nodes) {
  return nodes.flatMap((node, i) => (i ? [" ", node] : [node]));
}

/**
 * Return what shows an IRI: a link where it is safe to follow.
 * @param {string} iri
 * @param {Names} names
 */
export function thing(iri, names) {
  const name = names.of(iri);
  const href = safe(name.href);
  const long = LONG_WORD.test(name.text) ? "wb-long" : "";
  if (!href) return h("code", { title: iri, class: long }, name.text);
  const kind = [name.passage ? "cite" : name.external ? "external" : "", long].join(" ").trim();
  return h("a", { href, title: iri, class: kind, rel: name.external && "noreferrer" }, name.text);
}

/**
 * Return the link to a paragraph of a source by its number.
 * @param {Term} source
 * @param {Term} paragraph
 * @param {Names} names
 */
export function paragraphLink(source, paragraph, names) {
  const page = safe(names.of(source.value).href);
  const isNumber = paragraph.type === "literal" && /^\d+$/.test(paragraph.value);
  if (!page?.startsWith("/") || !isNumber) return cell(paragraph, names);
  const label = `${names.text(source)}, paragraph ${paragraph.value}`;
  return h("a", { href: `${page}#p${paragraph.value}`, class: "cite", title: label }, `¶${paragraph.value}`);
}

/**
 * @param {Term} term
 * @param {Names} names
 */
function literal(term, names) {
  const datatype = term.datatype && !PLAIN.has(term.datatype) ? shortened(term.datatype, names.prefixes) : undefined;
  const long = LONG_WORD.test(term.value) && "wb-long";
  const shown = h("span", { lang: term.language, dir: term.direction ?? "auto", title: datatype, class: long });
  fill(shown, term.value);
  if (!term.language || term.language === "en") return shown;
  return h("span", {}, shown, " ", h("small", { class: "tag" }, term.language));
}

/**
 * Put a text into an element, a long one only in part until a reader wants all.
 * @param {HTMLElement} element
 * @param {string} text
 */
function fill(element, text) {
  if (text.length <= LONG) {
    element.append(text);
    return;
  }
  const all = button("all of it", () => element.replaceChildren(text), { class: "wb-plain wb-small" });
  element.append(`${text.slice(0, LONG)}… `, all);
}
