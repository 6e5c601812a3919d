// The link that reproduces a query, and code to copy.

import { button, h } from "./dom.js";
import { curl, link, python } from "./snippets.js";

/**
 * Fill the part of the page that offers link and code.
 * @param {HTMLElement} part a `details` element with its summary
 * @param {{ endpoint: string, path: string, query: string, view: string, kind: "rows" | "graph" }} shared
 */
export function share(part, { endpoint, path, query, view, kind }) {
  const path_ = link(path, query, view);
  const address = path_ ? new URL(path_, location.href).href : "This query is too long for a link: copy its text.";
  const offers = [
    offer("Link", address),
    offer("curl", curl(endpoint, query, kind)),
    offer("Python", python(endpoint, query, kind)),
  ];
  part.replaceChildren(...[part.querySelector("summary"), ...offers].filter((child) => child !== null));
}

/**
 * @param {string} title
 * @param {string} text
 */
function offer(title, text) {
  const code = h("code", {}, text);
  const box = h("pre", { class: "query", tabindex: "0", "aria-label": title, role: "region" }, code);
  const told = h("span", { role: "status", class: "count" });
  const copier = button("Copy", () => copy(text, code).then((done) => told.replaceChildren(done)), {
    "aria-label": `Copy ${title}`,
  });
  return h("div", { class: "wb-offer" }, h("div", { class: "wb-bar" }, h("h3", {}, title), copier, told), box);
}

/**
 * Copy a text; where the browser does not let a page do that, select it.
 * @param {string} text
 * @param {HTMLElement} shown
 */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied.";
  } catch {
    getSelection()?.selectAllChildren(shown);
    return "Selected: copy it with the keyboard.";
  }
}
