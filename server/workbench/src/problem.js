// What went wrong, and what to do, for a reader.

import { h } from "./dom.js";

/**
 * Return the box that tells a problem; it is read out when it appears.
 * @param {import("./endpoint.js").Problem} problem
 * @param {Node[]} actions
 */
export function problemBox(problem, actions) {
  const wait = problem.retryAfter;
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", {}, h("strong", {}, problem.message)),
    problem.remedy ? h("p", {}, problem.remedy) : null,
    wait === null ? null : h("p", {}, `The server asks to wait ${wait} second${wait === 1 ? "" : "s"} before that.`),
    actions.length ? h("div", { class: "wb-bar" }, ...actions) : null,
  );
}
