// Elements made of names, attributes and text: nothing here or elsewhere parses markup, so no value can become some.

/** @typedef {Record<string, string | number | boolean | undefined>} Attributes */
/** @typedef {Node | string | null | undefined} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes] a false or missing value leaves the attribute out, true makes it empty
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function s(name, attributes = {}, ...children) {
  const element = /** @type {SVGElementTagNameMap[Name]} */ (document.createElementNS(SVG, name));
  return filled(element, attributes, children);
}

/**
 * Make a button.
 * @param {string} text
 * @param {() => void} act
 * @param {Attributes} [attributes]
 */
export function button(text, act, attributes = {}) {
  const made = h("button", { type: "button", class: "wb-plain", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/**
 * Make a labelled choice.
 * @param {string} label
 * @param {string[]} options
 * @param {number} chosen
 * @param {(chosen: number) => void} act
 */
export function choice(label, options, chosen, act) {
  const select = h("select", {}, ...options.map((text, i) => h("option", { value: i, selected: i === chosen }, text)));
  select.addEventListener("change", () => act(Number(select.value)));
  return h("label", { class: "wb-choice" }, `${label} `, select);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
