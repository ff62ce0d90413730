// What the folded options hold: pages and metadata, as chips that can be removed. A preset may set them unseen.

import { fill, pairsOf } from "./metadata.js";
import { form } from "./rows.js";

const PAGES = ["pdf_page_start", "pdf_page_end"];
const more = form?.querySelector(".upload-more");
const line = document.getElementById("upload-folded");

export function watchFolded() {
  for (const kind of ["change", "input"]) form.addEventListener(kind, show);
  more.addEventListener("toggle", show);
  line.addEventListener("click", (event) => {
    const button = event.target.closest("[data-clears]");
    if (button) clear(button.dataset.clears);
  });
  show();
}

function show() {
  const chips = [...pages(), ...metadata()];
  const unseen = !more.open || form.classList.contains("options-folded");
  line.hidden = !chips.length || !unseen;
  line.replaceChildren(...chips.map(chip));
}

function pages() {
  const [first, last] = PAGES.map((name) => form.elements[name].value.trim());
  const { only, range, from, to } = line.dataset;
  const words = first && first === last ? only : first && last ? range : first ? from : to;
  return first || last ? [{ words: words.replace("{first}", first).replace("{last}", last), clears: "pages" }] : [];
}

function metadata() {
  return pairsOf(document.getElementById("metadata"))
    .filter(([name, value]) => name.trim() || value.trim())
    .map(([name, value]) => ({ words: `${name}: ${value}`, clears: name }));
}

function chip({ words, clears }) {
  const element = document.getElementById("upload-folded-chip").content.firstElementChild.cloneNode(true);
  element.querySelector("[data-words]").textContent = words;
  const button = element.querySelector("button");
  button.dataset.clears = clears;
  button.setAttribute("aria-label", button.getAttribute("aria-label").replace("{what}", words));
  return element;
}

function clear(what) {
  const inputs = what === "pages" ? PAGES.map((name) => form.elements[name]) : [];
  for (const input of inputs) input.value = "";
  const box = document.getElementById("metadata");
  if (what !== "pages") fill(pairsOf(box).filter(([name]) => name !== what));
  // As if typed: the preset no longer holds, and the preview is stale.
  const changed = inputs[0] ?? box.querySelector("input");
  for (const kind of ["input", "change"]) changed.dispatchEvent(new Event(kind, { bubbles: true }));
  (line.querySelector("button") ?? more.querySelector("summary")).focus();
}
