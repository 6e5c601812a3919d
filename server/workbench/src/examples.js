// The ready questions, by topic, to be found by any word of theirs.

import { fetchJson } from "./endpoint.js";
import { button, h } from "./dom.js";
import { plain } from "./ranking.js";

/** @typedef {{ name: string, title: string, topic: string, note: string, query: string }} Example */

/**
 * Return the examples that have all words of a search, in their order.
 * @param {readonly Example[]} examples
 * @param {string} search
 */
export function matching(examples, search) {
  const words = plain(search).split(/\s+/).filter(Boolean);
  return examples.filter((example) => {
    const text = plain(`${example.topic} ${example.title} ${example.note} ${example.name.replaceAll("-", " ")}`);
    return words.every((word) => text.includes(word));
  });
}

/**
 * Let a dialog offer examples.
 * @param {Record<"dialog" | "open" | "close" | "search" | "count" | "list", HTMLElement>} parts
 * @param {string} address
 * @param {(example: Example) => void} choose
 */
export function offerExamples(parts, address, choose) {
  const dialog = /** @type {HTMLDialogElement} */ (parts.dialog);
  const search = /** @type {HTMLInputElement} */ (parts.search);
  /** @type {Promise<Example[]> | null} */
  let loading = null;
  const show = async () => {
    loading ??= fetchJson(address);
    const found = matching(await loading, search.value);
    parts.count.textContent = found.length === 1 ? "1 question" : `${found.length} questions`;
    parts.list.replaceChildren(...sections(found, (example) => {
      dialog.close();
      choose(example);
    }));
  };
  const attempt = () => {
    show().catch((/** @type {Error} */ error) => {
      loading = null;
      parts.count.textContent = error.message;
    });
  };
  parts.open.addEventListener("click", () => {
    dialog.showModal();
    search.focus();
    attempt();
  });
  parts.close.addEventListener("click", () => dialog.close());
  search.addEventListener("input", attempt);
}

/**
 * @param {Example[]} examples
 * @param {(example: Example) => void} choose
 */
function sections(examples, choose) {
  const topics = [...new Set(examples.map((example) => example.topic))];
  return topics.map((topic) => {
    const own = examples.filter((example) => example.topic === topic);
    const items = own.map((example) => h("li", {}, button(example.title, () => choose(example), { class: "wb-link" })));
    return h("section", {}, h("h3", {}, topic || "Others"), h("ul", {}, ...items));
  });
}
