// Enhancements of the list: range selection with Shift, the number selected, "/" for search, Esc to clear.

import { commandsAct, lettersAct, takesText } from "./surfaces.js";

let last = null;

const boxes = () => [...document.querySelectorAll(".rows input[name=number]")];
const all = () => document.querySelector("[data-select-all]");

function showSelection() {
  const ticked = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.closest("tr").classList.toggle("selected", box.checked);
  const count = document.querySelector("[data-selected]");
  if (count) count.textContent = all()?.checked ? "" : String(ticked.length);
  const page = document.querySelector("[data-select-page]");
  if (page) {
    page.checked = ticked.length > 0 && ticked.length === boxes().length;
    page.indeterminate = ticked.length > 0 && !page.checked;
  }
  if (!ticked.length && all()) all().checked = false;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".rows input[name=number]");
  if (!box) return;
  if (event.shiftKey && last && last !== box && last.isConnected) {
    const list = boxes();
    const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
    for (const between of list.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  showSelection();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-page]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select-all]") && event.target.checked) {
    for (const box of boxes()) box.checked = true;
  }
  if (event.target.closest(".rows-form")) showSelection();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && lettersAct(event)) {
    event.preventDefault();
    document.getElementById("q")?.focus();
  }
  if (event.key === "Escape" && commandsAct(event) && !takesText(event.target) && boxes().some((box) => box.checked)) {
    for (const box of boxes()) box.checked = false;
    showSelection();
  }
});

// Do not refresh the rows while some are selected.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "rows" && boxes().some((box) => box.checked)) event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  const query = document.getElementById("rows")?.dataset.query;
  if (query !== undefined) for (const field of document.querySelectorAll("[data-query][name]")) field.value = query;
  showSelection();
});

showSelection();
