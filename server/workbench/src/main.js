// The workbench: it takes the place of the plain form, and puts its parts together.

import { columnsOf, viewsOf } from "./columns.js";
import { button, h } from "./dom.js";
import { downloads } from "./download.js";
import { editor } from "./editor.js";
import { ask, fetchJson, Problem, problemOf } from "./endpoint.js";
import { offerExamples } from "./examples.js";
import { Names } from "./names.js";
import { problemBox } from "./problem.js";
import { ACCEPT, resultInPage, resultOf } from "./results.js";
import { share } from "./share.js";
import { link } from "./snippets.js";
import { hasLimit } from "./tokens.js";
import { duration } from "./values.js";
import { showViews } from "./views.js";

/**
 * @typedef {import("./examples.js").Example} Example
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./columns.js").View} View
 */

class Workbench {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.settings = /** @type {Record<"endpoint" | "base" | "page" | "starter" | "taken" | "timeout" | "rows", string>} */ (place.dataset);
    this.place = place;
    this.parameters = new URLSearchParams(location.search);
    this.names = new Names(`${this.settings.base}/names`);
    /** @type {import("./completion.js").Vocabulary} */
    this.vocabulary = { prefixes: {}, terms: [] };
    /** @type {AbortController | null} */
    this.running = null;
    /** @type {Example | null} */
    this.example = null;
    this.loaded = this.load();
    this.editor = editor(this.part("editor"), {
      text: this.parameters.get("query") || this.settings.starter,
      vocabulary: () => this.vocabulary,
      loaded: this.loaded,
      run: () => void this.run(),
    });
  }

  /**
   * Return a part of the page by its name.
   * @param {string} name
   * @returns {HTMLElement}
   */
  part(name) {
    const found = this.place.querySelector(`[data-part="${name}"]`);
    if (!(found instanceof HTMLElement)) throw new Error(`no part ${name}`);
    return found;
  }

  /** Take over from the plain form. */
  start() {
    document.getElementById("plain")?.remove();
    this.place.hidden = false;
    this.part("run").addEventListener("click", () => void this.run());
    this.part("stop").addEventListener("click", () => this.running?.abort());
    const examples = ["open", "close", "search", "count", "list"];
    const parts = Object.fromEntries(examples.map((name) => [name, this.part(`examples-${name}`)]));
    const dialog = { ...parts, dialog: this.part("examples") };
    offerExamples(/** @type {any} */ (dialog), `${this.settings.base}/examples.json`, (found) => this.choose(found));
    if (this.parameters.get("query")) void this.loaded.then(() => (this.settings.taken ? this.take(JSON.parse(this.settings.taken)) : this.run()));
  }

  /**
   * Show what the server has answered already, in the page itself.
   * @param {any} taken
   */
  async take(taken) {
    const query = this.editor.text();
    const running = (this.running = new AbortController());
    if (taken.problem) {
      this.fail(problemOf(taken.problem.status, JSON.stringify(taken.problem), taken.problem.retry), query);
      return;
    }
    const result = resultInPage(taken);
    const note = await this.present(result, query, running.signal);
    if (running.signal.aborted) return;
    this.tell(taken.complete ? `${counted(result)}.${note}` : `The first ${counted(result)}; Run shows more.${note}`);
  }

  /** Fetch the terms; without them all works but suggestions. */
  async load() {
    try {
      this.vocabulary = await fetchJson(`${this.settings.base}/terms.json`);
      this.names.prefixes = this.vocabulary.prefixes;
    } catch (error) {
      this.tell(`There are no suggestions: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {Example} example */
  choose(example) {
    this.editor.replace(example.query);
    this.example = example;
    this.parameters.delete("view");
    this.editor.focus();
    void this.run();
  }

  /** Ask what stands in the editor and show the answer. */
  async run() {
    this.running?.abort();
    const running = (this.running = new AbortController());
    const query = this.editor.text();
    this.busy(true);
    try {
      await this.answer(query, running.signal);
    } catch (error) {
      if (this.running === running) this.fail(error, query);
    } finally {
      if (this.running === running) this.busy(false);
    }
  }

  /**
   * @param {string} query
   * @param {AbortSignal} signal
   */
  async answer(query, signal) {
    const answer = await ask(this.settings.base, query, ACCEPT, signal);
    const result = resultOf(answer);
    const note = await this.present(result, query, signal);
    if (!signal.aborted) this.tell(`${counted(result)} in ${duration(answer.seconds)}.${note}`);
  }

  /**
   * Show a result with the names of its things; return what is to be said of it besides.
   * @param {import("./results.js").Result} result
   * @param {string} query
   * @param {AbortSignal} signal
   */
  async present(result, query, signal) {
    let note = "";
    /** @type {import("./asking.js").Objects} */
    let objects = {};
    const options = { method: "POST", headers: { "Content-Type": "application/sparql-query" }, body: query };
    try {
      [objects] = await Promise.all([fetchJson(`${this.settings.base}/objects`, options), this.names.ensure(result.rows)]);
    } catch (error) {
      note = ` Some names or links are missing: ${/** @type {Error} */ (error).message}`;
    }
    if (signal.aborted) return note;
    this.editor.unmark();
    this.part("problem").replaceChildren();
    const serialize = async (/** @type {string} */ accept) => (await ask(this.settings.base, query, accept)).text;
    const asking = { page: this.settings.page, objects };
    this.show({ result, columns: columnsOf(result, this.names), names: this.names, asking, serialize }, query);
    return note;
  }

  /**
   * Show a result.
   * @param {Shown} shown
   * @param {string} query
   */
  show(shown, query) {
    const { result } = shown;
    this.part("result").hidden = false;
    this.part("count").textContent = counted(result);
    const own = this.example?.query === query ? this.example : null;
    this.part("about").replaceChildren(...(own ? about(own) : []));
    const asked = /** @type {View} */ (this.parameters.get("view") ?? "table");
    const kind = result.kind === "graph" ? "graph" : "rows";
    const views = viewsOf(result, shown.columns);
    const shared = { endpoint: this.settings.endpoint, path: location.pathname, query, kind };
    const changed = (/** @type {View} */ view) => {
      this.parameters.set("view", view);
      history.replaceState(null, "", link(location.pathname, query, view) ?? location.pathname);
      share(this.part("share"), { ...shared, kind, view });
    };
    showViews(this.part("tabs"), this.part("view"), shown, views, asked, changed);
    const attempt = (/** @type {() => Promise<void>} */ work) => void work().catch((error) => this.explain(error, query));
    this.part("downloads").replaceChildren(h("span", {}, "Download"), ...downloads(shown, attempt));
  }

  /**
   * Say why there is no result.
   * @param {unknown} error
   * @param {string} query
   */
  fail(error, query) {
    if (error instanceof DOMException && error.name === "AbortError") {
      this.tell("Stopped.");
      return;
    }
    this.part("result").hidden = true;
    this.explain(error, query);
  }

  /**
   * Say what went wrong.
   * @param {unknown} error
   * @param {string} query
   */
  explain(error, query) {
    this.tell(error instanceof Problem ? "" : "The answer could not be shown: this page has a fault.");
    if (!(error instanceof Problem)) throw error;
    const { line, column } = error;
    if (line !== null) this.editor.mark(line, column, error.message);
    else this.editor.unmark();
    this.part("problem").replaceChildren(problemBox(error, this.remedies(error, query)));
  }

  /**
   * Return buttons that mend a problem.
   * @param {Problem} problem
   * @param {string} query
   */
  remedies(problem, query) {
    const { line, column, code } = problem;
    const found = [];
    if (line !== null) found.push(button(`Go to line ${line}, column ${column}`, () => this.editor.go(line, column)));
    if (code === "result-too-large" && !hasLimit(query)) {
      found.push(button("Run it with LIMIT 1000", () => {
        this.editor.replace(`${query.trimEnd()}\nLIMIT 1000\n`);
        void this.run();
      }));
    }
    if (problem.status === 503 || problem.status === 429 || code === "network") found.push(button("Run it again", () => void this.run()));
    return found;
  }

  /** @param {boolean} is */
  busy(is) {
    this.part("stop").hidden = !is;
    this.part("result").setAttribute("aria-busy", String(is));
    if (is) this.tell("Running …");
  }

  /** @param {string} text */
  tell(text) {
    this.part("status").textContent = text;
  }
}

/** @param {import("./results.js").Result} result */
function counted(result) {
  const what = result.kind === "graph" ? "triple" : "row";
  if (result.kind === "boolean") return "An answer";
  return `${result.rows.length.toLocaleString("en")} ${what}${result.rows.length === 1 ? "" : "s"}`;
}

/** @param {Example} example */
function about(example) {
  return [h("p", { class: "wb-question" }, example.title), ...(example.note ? [h("p", { class: "hint" }, example.note)] : [])];
}

const place = document.getElementById("workbench");
if (place) new Workbench(place).start();
