// Rows of metadata, added and removed.

export function watchMetadata() {
  document.addEventListener("click", change);
  document.addEventListener("focusin", suggest);
  for (const row of [...document.querySelectorAll(".metadata-row")].slice(1)) {
    if (isBlank(row)) row.remove();
  }
}

function change(event) {
  const adds = event.target.closest("[data-adds]");
  const row = event.target.closest("[data-removes]")?.closest(".metadata-row");
  if (row) {
    if (rows().length > 1) row.remove();
    for (const input of row.querySelectorAll("input")) input.value = "";
    rows()[0].dispatchEvent(new Event("change", { bubbles: true }));
  } else if (adds) add("", "").querySelector("input").focus();
}

// Values that were given to this name before.
function suggest(event) {
  if (event.target.name !== "metadata_value") return;
  const name = event.target.closest(".metadata-row").querySelector("input").value.trim();
  const known = [...document.querySelectorAll("datalist[data-name]")].find((one) => one.dataset.name === name);
  if (known) event.target.setAttribute("list", known.id);
  else event.target.removeAttribute("list");
}

const rows = () => [...document.querySelectorAll(".metadata-row")];

export function add(key, value) {
  const all = rows();
  const adds = document.querySelector("[data-adds]");
  if (all.length >= Number(adds.parentElement.dataset.most)) return all.at(-1);
  const fresh = all.at(-1).cloneNode(true);
  const [first, second] = fresh.querySelectorAll("input");
  for (const input of [first, second]) {
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, all.length + 1));
  }
  first.value = key;
  second.value = value;
  adds.before(fresh);
  return fresh;
}

// These rows and no others.
export function fill(pairs) {
  const [first, ...rest] = rows();
  for (const row of rest) row.remove();
  for (const input of first.querySelectorAll("input")) input.value = "";
  pairs.forEach(([key, value], index) => {
    if (index) return add(key, value);
    const inputs = first.querySelectorAll("input");
    inputs[0].value = key;
    inputs[1].value = value;
  });
}

function isBlank(row) {
  return [...row.querySelectorAll("input")].every((input) => !input.value);
}
