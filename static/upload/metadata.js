// Rows of metadata, for the whole page and for single files.

export function watchMetadata() {
  document.addEventListener("click", change);
  document.addEventListener("focusin", suggest);
  for (const row of rowsOf(ofPage()).slice(1)) {
    if (isBlank(row)) row.remove();
  }
}

const ofPage = () => document.getElementById("metadata");
const rowsOf = (box) => [...box.querySelectorAll(".metadata-row")];

export const pairsOf = (box) =>
  rowsOf(box).map((row) => [...row.querySelectorAll("input")].map((input) => input.value));

function change(event) {
  const box = event.target.closest(".metadata");
  if (!box) return;
  const row = event.target.closest("[data-removes]")?.closest(".metadata-row");
  if (event.target.closest("[data-adds]")) return add(box, "", "").querySelector("input").focus();
  if (!row) return;
  const left = rowsOf(box).filter((other) => other !== row);
  for (const input of row.querySelectorAll("input")) input.value = "";
  const next = (left[0] ?? row).querySelector("input");
  if (left.length) row.remove();
  next.focus();
  next.dispatchEvent(new Event("change", { bubbles: true }));
}

// Suggest values used with this name before.
function suggest(event) {
  if (event.target.name !== "metadata_value") return;
  const name = event.target.closest(".metadata-row").querySelector("input").value.trim();
  const known = [...document.querySelectorAll("datalist[data-name]")].find(
    (datalist) => datalist.dataset.name === name,
  );
  if (known) event.target.setAttribute("list", known.id);
  else event.target.removeAttribute("list");
}

function add(box, key, value) {
  const all = rowsOf(box);
  if (all.length >= Number(box.dataset.most)) return all.at(-1);
  const fresh = all.at(-1).cloneNode(true);
  const [first, second] = fresh.querySelectorAll("input");
  for (const input of [first, second]) {
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, all.length + 1));
  }
  first.value = key;
  second.value = value;
  box.querySelector("[data-adds]").before(fresh);
  return fresh;
}

// Replaces the page's rows.
export function fill(pairs) {
  const box = ofPage();
  const [first, ...rest] = rowsOf(box);
  for (const row of rest) row.remove();
  for (const input of first.querySelectorAll("input")) input.value = "";
  for (const [index, [key, value]] of pairs.entries()) {
    if (index) add(box, key, value);
    else
      [...first.querySelectorAll("input")].forEach((input, column) => {
        input.value = [key, value][column];
      });
  }
}

function isBlank(row) {
  return [...row.querySelectorAll("input")].every((input) => !input.value);
}
