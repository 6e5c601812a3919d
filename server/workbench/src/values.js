// Literals as values: numbers, and times of any precision.

/** @typedef {import("./results.js").Term} Term */

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  ["integer", "decimal", "double", "float", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"].map((name) => XSD + name),
);
const TIMES = new Set(["date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"].map((name) => XSD + name));
const UNDATED = new Set(["gMonth", "gMonthDay", "gDay", "time"].map((name) => XSD + name));
const TIME = /^(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?$/;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/**
 * A time as a literal gives it.
 * @typedef {object} Time
 * @property {number} start milliseconds since 1970, in UTC, where it begins
 * @property {number} end where it ends, as far as the literal says
 * @property {number} year
 * @property {string} text for readers, no more precise than the literal
 */

/**
 * Return the number that a term is, or null.
 * @param {Term | null} term
 */
export function numberOf(term) {
  if (term?.type !== "literal" || !NUMBERS.has(term.datatype ?? "")) return null;
  const value = Number(term.value);
  return Number.isFinite(value) ? value : null;
}

/**
 * Return the time that a term is, or null.
 * @param {Term | null} term
 * @returns {Time | null}
 */
export function timeOf(term) {
  if (term?.type !== "literal" || !TIMES.has(term.datatype ?? "")) return null;
  const match = TIME.exec(term.value);
  if (!match) return null;
  const [, year, month, day, hour, minute] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month ? Number(month) - 1 : 0, day ? Number(day) : 1);
  date.setUTCHours(Number(hour ?? 0), Number(minute ?? 0));
  const parts = [day && String(Number(day)), month && MONTHS[Number(month) - 1], year, hour && `${hour}:${minute}`];
  const start = date.getTime();
  if (day) date.setUTCDate(date.getUTCDate() + 1);
  else if (month) date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCFullYear(date.getUTCFullYear() + 1);
  return { start, end: hour ? start : date.getTime(), year: Number(year), text: parts.filter(Boolean).join(" ") };
}

/**
 * Return whether a term is a time, even one without a year.
 * @param {Term} term
 */
export function isTime(term) {
  return timeOf(term) !== null || UNDATED.has(term.datatype ?? "");
}

/**
 * Return a duration as readers write it.
 * @param {number} seconds
 */
export function duration(seconds) {
  return seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

/**
 * Return a number as readers write it.
 * @param {number} value
 */
export function written(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 6 });
}

/**
 * Return about `about` round numbers from the least to the greatest of a scale.
 * @param {number} least
 * @param {number} greatest
 * @param {number} about
 */
export function ticks(least, greatest, about) {
  const rough = (greatest - least) / Math.max(1, about) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(least / step);
  const count = Math.floor(greatest / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
