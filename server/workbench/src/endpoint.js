// Queries to the endpoint: an answer with its text, or a problem that says what is wrong and what to do.

/**
 * @typedef {object} Answer
 * @property {string} type media type
 * @property {string} text
 * @property {number} seconds from the request to the whole answer
 */

/**
 * What is wrong, as RFC 9457 tells it, with the members of this server.
 * @typedef {object} ProblemMembers
 * @property {string} [detail]
 * @property {string} [remedy]
 * @property {string} [code]
 * @property {number} [line]
 * @property {number} [column]
 */

/** An answer that is an error, or none at all. */
export class Problem extends Error {
  /**
   * @param {ProblemMembers} members
   * @param {number} [status] of HTTP; 0 where no answer came
   * @param {number | null} [retryAfter] seconds after which it is worth while to try again
   */
  constructor(members, status = 0, retryAfter = null) {
    super(members.detail ?? "The server answered with an error.");
    this.remedy = members.remedy ?? "";
    this.code = members.code ?? "";
    this.line = members.line ?? null;
    this.column = members.column ?? 1;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Ask a query.
 * @param {string} address of the endpoint
 * @param {string} query
 * @param {string} accept
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 * @throws {Problem}
 */
export async function ask(address, query, accept, signal) {
  const began = performance.now();
  const response = await sent(address, {
    method: "POST",
    headers: { "Content-Type": "application/sparql-query", Accept: accept },
    body: query,
    signal: signal ?? null,
  });
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim() ?? "";
  const text = await body(response);
  return { type, text, seconds: (performance.now() - began) / 1000 };
}

/**
 * Fetch JSON.
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function fetchJson(address, options = {}) {
  const response = await sent(address, options);
  return JSON.parse(await body(response));
}

/**
 * Return the problem of an answer that is an error.
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter the header
 */
export function problemOf(status, text, retryAfter) {
  const seconds = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  try {
    return new Problem(JSON.parse(text), status, seconds);
  } catch {
    const remedy = "Try again; if it stays, tell those who run this server.";
    return new Problem({ detail: `The server answered with status ${status}.`, remedy }, status, seconds);
  }
}

/**
 * @param {string} address
 * @param {RequestInit} options
 */
async function sent(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    throw unreachable(error);
  }
  if (!response.ok) throw problemOf(response.status, await body(response), response.headers.get("Retry-After"));
  return response;
}

/** @param {Response} response */
async function body(response) {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(error);
  }
}

/** @param {unknown} error */
function unreachable(error) {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  const detail = "The server could not be reached, or the connection broke.";
  return new Problem({ code: "network", detail, remedy: "Check the connection and run the query again." });
}
