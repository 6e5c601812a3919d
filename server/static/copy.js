// Citations: the day of reading is put into them, and buttons copy them. Without this script they can be selected.
"use strict";

const now = new Date();
const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
const day = parts.map((part) => String(part).padStart(2, "0")).join("-");

for (const place of document.querySelectorAll("[data-dated]")) {
  place.textContent = place.dataset.dated.replace("{date}", day).replace("{parts}", parts.join(", "));
}

for (const button of document.querySelectorAll("button[data-copies]")) {
  const shown = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    told.textContent = await copy(shown);
  });
}

async function copy(shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    return "Copied.";
  } catch {
    getSelection().selectAllChildren(shown);
    return "Selected: copy it with the keyboard.";
  }
}
