// The views of a result, as tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/): only those that its columns allow.

import { chart } from "./chart.js";
import { h } from "./dom.js";
import { network } from "./network.js";
import { places } from "./places.js";
import { table } from "./table.js";
import { timeline } from "./timeline.js";
import { turtle } from "./turtle.js";

/**
 * @typedef {import("./columns.js").View} View
 * @typedef {import("./shown.js").Shown} Shown
 */

/** @type {Record<View, { name: string, draw: (shown: Shown) => HTMLElement }>} */
const VIEWS = {
  table: { name: "Table", draw: table },
  chart: { name: "Chart", draw: chart },
  timeline: { name: "Timeline", draw: timeline },
  network: { name: "Network", draw: network },
  places: { name: "Places", draw: places },
  turtle: { name: "Turtle", draw: turtle },
};
const STEPS = new Map([["ArrowRight", 1], ["ArrowLeft", -1]]);

/**
 * Show a result in one of its views, with tabs for the others.
 * @param {HTMLElement} tabs
 * @param {HTMLElement} panel
 * @param {Shown} shown
 * @param {View[]} views
 * @param {View} asked
 * @param {(view: View) => void} changed is told which view is shown
 */
export function showViews(tabs, panel, shown, views, asked, changed) {
  const made = views.map((view) => h("button", { type: "button", role: "tab", id: `tab-${view}`, "aria-controls": panel.id }, VIEWS[view].name));
  const choose = (/** @type {number} */ chosen) => {
    made.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
    });
    const view = views[chosen] ?? "table";
    panel.replaceChildren(views.length ? VIEWS[view].draw(shown) : plainAnswer(shown));
    panel.setAttribute("aria-labelledby", views.length ? `tab-${view}` : "result-label");
    changed(view);
  };
  made.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(i));
    tab.addEventListener("keydown", (event) => {
      const step = STEPS.get(event.key);
      if (!step) return;
      const next = (i + step + made.length) % made.length;
      choose(next);
      made[next]?.focus();
    });
  });
  tabs.replaceChildren(...made);
  tabs.hidden = made.length < 2;
  choose(Math.max(0, views.indexOf(asked)));
}

/** @param {Shown} shown */
function plainAnswer({ result }) {
  if (result.kind === "boolean") return h("p", { class: "answer" }, result.boolean ? "Yes" : "No");
  const none = result.kind === "graph" ? "The graph is empty." : "There are no rows: nothing in the graph fits all of the patterns.";
  return h("p", { class: "answer" }, none);
}
