// What to show for IRIs: the server's names and links, fetched as they are needed.

import { fetchJson } from "./endpoint.js";
import { shortened } from "./prefixes.js";

/** @typedef {import("./results.js").Term} Term */
/** @typedef {import("./results.js").Row} Row */

/**
 * @typedef {object} Name
 * @property {string} text
 * @property {string} [href]
 * @property {boolean} [external] the link leaves this server
 * @property {boolean} [passage] it is a passage of a source: a citation
 * @property {boolean} [place]
 * @property {string} [within] what a place lies in
 */

const AT_ONCE = 500;
const LETTERS_AT_ONCE = 60_000;
const AT_MOST = 20_000;

export class Names {
  /**
   * @param {string} address of the server's names
   */
  constructor(address) {
    this.address = address;
    /** @type {Record<string, string>} */
    this.prefixes = {};
    /** @type {Map<string, Name>} */
    this.known = new Map();
  }

  /**
   * Fetch the names of the IRIs in some rows, unless they are known or too many.
   * @param {readonly Row[]} rows
   */
  async ensure(rows) {
    const wanted = new Set();
    for (const row of rows) {
      for (const term of row.flatMap(simple)) {
        if (term?.type === "uri" && !this.known.has(term.value)) wanted.add(term.value);
      }
      if (wanted.size >= AT_MOST) break;
    }
    for (const iris of portions([...wanted])) await this.fetch(iris);
  }

  /** @param {string[]} iris */
  async fetch(iris) {
    const body = new URLSearchParams(iris.map((iri) => ["iri", iri]));
    const found = await fetchJson(this.address, { method: "POST", body });
    for (const iri of iris) this.known.set(iri, found[iri]);
  }

  /**
   * Return the name of an IRI, a shortened form of it where none is known.
   * @param {string} iri
   * @returns {Name}
   */
  of(iri) {
    return this.known.get(iri) ?? { text: shortened(iri, this.prefixes) };
  }

  /**
   * Return the text of a term.
   * @param {Term | null} term
   * @returns {string}
   */
  text(term) {
    if (!term) return "";
    if (term.type === "uri") return this.of(term.value).text;
    if (term.parts) return `⟨${term.parts.map((part) => this.text(part)).join(" ")}⟩`;
    return term.type === "bnode" ? `_:${term.value}` : term.value;
  }
}

/**
 * Return the terms that a term is made of.
 * @param {Term | null} term
 * @returns {(Term | null)[]}
 */
function simple(term) {
  return term?.parts ? term.parts.flatMap(simple) : [term];
}

/**
 * Return an address that a link may lead to, or undefined: this server's own paths and the web, no other scheme.
 * @param {string | undefined} href
 */
export function safe(href) {
  if (!href) return undefined;
  if (/^\/(?![/\\])/.test(href)) return href;
  try {
    return ["http:", "https:"].includes(new URL(href).protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Return IRIs in portions that one request can hold; what is too long for any is left out.
 * @param {string[]} iris
 */
export function portions(iris) {
  /** @type {string[][]} */
  const found = [];
  let letters = LETTERS_AT_ONCE;
  for (const iri of iris.filter((one) => one.length < LETTERS_AT_ONCE / 3)) {
    letters += iri.length;
    const last = found.at(-1);
    if (!last || last.length === AT_ONCE || letters > LETTERS_AT_ONCE) {
      found.push([iri]);
      letters = iri.length;
    } else {
      last.push(iri);
    }
  }
  return found;
}
