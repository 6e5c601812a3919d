// The link that reproduces a query, code to copy, and how its result is cited.

import { button, h } from "./dom.js";
import { curl, link, python } from "./snippets.js";

/** @type {[title: string, format: string][]} */
const CITATIONS = [["BibTeX", "bibtex"], ["CSL JSON", "csl"]];

/**
 * Fill the part of the page that offers link, code and citations; the server makes these when the part is opened.
 * @param {HTMLElement} part a `details` element with its summary
 * @param {{ endpoint: string, path: string, query: string, view: string, kind: "rows" | "graph" }} shared
 */
export function share(part, { endpoint, path, query, view, kind }) {
  const path_ = link(path, query, view);
  const address = path_ ? new URL(path_, location.href).href : "This query is too long for a link: copy its text.";
  const citations = path_ ? CITATIONS.map(([title, format]) => ({ title, format, code: h("code") })) : [];
  const offers = [
    offer("Link", h("code", {}, address)),
    offer("curl", h("code", {}, curl(endpoint, query, kind))),
    offer("Python", h("code", {}, python(endpoint, query, kind))),
    ...citations.map(({ title, code }) => offer(title, code)),
  ];
  part.replaceChildren(...[part.querySelector("summary"), ...offers].filter((child) => child !== null));
  const fill = () => {
    for (const { format, code } of part.hasAttribute("open") ? citations : []) {
      void cite(path, query, format).then((text) => code.replaceChildren(text));
    }
  };
  part.ontoggle = fill;
  fill();
}

/**
 * Return how the result of a query is cited today.
 * @param {string} path of the workbench
 * @param {string} query
 * @param {string} format
 */
async function cite(path, query, format) {
  const now = new Date();
  const accessed = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => `${part}`.padStart(2, "0")).join("-");
  const asked = new URLSearchParams({ query, accessed, format });
  try {
    const response = await fetch(`${path.replace(/\/sparql\/?$/, "/cite")}?${asked}`);
    return response.ok ? await response.text() : "The server has no citation: ask again later.";
  } catch {
    return "The server does not answer: ask again later.";
  }
}

/**
 * @param {string} title
 * @param {HTMLElement} code holds the text
 */
function offer(title, code) {
  const box = h("pre", { class: "query", tabindex: "0", "aria-label": title, role: "region" }, code);
  const told = h("span", { role: "status", class: "count" });
  const copier = button("Copy", () => copy(code).then((done) => told.replaceChildren(done)), {
    "aria-label": `Copy ${title}`,
  });
  return h("div", { class: "wb-offer" }, h("div", { class: "wb-bar" }, h("h3", {}, title), copier, told), box);
}

/**
 * Copy the text of an element; where the browser does not let a page do that, select it.
 * @param {HTMLElement} shown
 */
async function copy(shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent ?? "");
    return "Copied.";
  } catch {
    getSelection()?.selectAllChildren(shown);
    return "Selected: copy it with the keyboard.";
  }
}
