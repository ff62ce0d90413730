// Comfort for the list: select with the shift key, a count of what is selected, "/" for the search, Esc to clear.
// Everything works without it by plain boxes and buttons.

let last = null;

const boxes = () => [...document.querySelectorAll(".rows input[name=number]")];
const all = () => document.querySelector("[data-select-all]");

function tell() {
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
    for (const one of list.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  tell();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-page]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select-all]") && event.target.checked) {
    for (const box of boxes()) box.checked = true;
  }
  if (event.target.closest(".rows-form")) tell();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input:not([type=checkbox]), select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("q")?.focus();
  }
  if (event.key === "Escape" && !typing && boxes().some((box) => box.checked)) {
    for (const box of boxes()) box.checked = false;
    tell();
  }
});

// What is being selected is not taken from under the hand.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "rows" && boxes().some((box) => box.checked)) event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  const query = document.getElementById("rows")?.dataset.query;
  if (query !== undefined) for (const field of document.querySelectorAll("[data-query][name]")) field.value = query;
  tell();
});

tell();
