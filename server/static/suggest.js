// Suggestions below the search fields: a combobox with a list of options (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
"use strict";

const WAIT = 120;
let lists = 0;

for (const field of document.querySelectorAll("input[data-suggest]")) {
  offer(field);
}

function offer(field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${++lists}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  field.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    field.setAttribute(name, value);
  }
  let timer = 0;
  let asked = "";
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => steer(event, field, list));
  field.addEventListener("blur", () => setTimeout(() => close(field, list), 150));

  async function ask() {
    const words = field.value.trim();
    asked = words;
    if (!words) {
      close(field, list);
      return;
    }
    try {
      const reply = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
      const found = reply.ok ? await reply.json() : [];
      if (asked === words) {
        show(field, list, found);
      }
    } catch {
      close(field, list);
    }
  }
}

function show(field, list, found) {
  list.replaceChildren(...found.map((one, place) => option(one, `${list.id}-${place}`)));
  list.hidden = found.length === 0;
  field.setAttribute("aria-expanded", String(found.length > 0));
  field.removeAttribute("aria-activedescendant");
}

function option(one, id) {
  const item = document.createElement("li");
  item.id = id;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.address = one.address;
  item.append(part("span", one.text));
  if (one.also) {
    item.append(part("small", `also “${one.also}”`));
  }
  if (one.kind) {
    item.append(part("small", one.kind));
  }
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    location.assign(one.address);
  });
  return item;
}

function part(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.dir = "auto";
  return element;
}

function steer(event, field, list) {
  const options = [...list.children];
  const chosen = options.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close(field, list);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
    event.preventDefault();
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(field, options, chosen < 0 && step < 0 ? options.length - 1 : (chosen + step + options.length) % options.length);
  } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
    event.preventDefault();
    location.assign(options[chosen].dataset.address);
  }
}

function choose(field, options, place) {
  for (const [number, item] of options.entries()) {
    item.setAttribute("aria-selected", String(number === place));
  }
  field.setAttribute("aria-activedescendant", options[place].id);
  options[place].scrollIntoView({ block: "nearest" });
}

function close(field, list) {
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
