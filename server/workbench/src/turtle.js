// A graph as Turtle, as the endpoint writes it.

import { Problem } from "./endpoint.js";
import { h } from "./dom.js";

const MOST = 200_000;

/**
 * Return the Turtle of a graph; it is fetched when it is looked at.
 * @param {import("./shown.js").Shown} shown
 */
export function turtle(shown) {
  const text = h("code", {}, "Fetching …");
  const note = h("p", { class: "count" });
  shown.serialize("text/turtle").then(
    (written) => {
      text.textContent = written.slice(0, MOST);
      if (written.length > MOST) note.textContent = "This is the beginning; the download has all of it.";
    },
    (error) => {
      text.textContent = error instanceof Problem ? `${error.message} ${error.remedy}` : String(error);
    },
  );
  return h("div", {}, h("pre", { class: "query", tabindex: "0" }, text), note);
}
