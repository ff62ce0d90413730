// A proposal: the place of a field on the page is shown while its row is pointed at or typed into. A group goes with
// what is ticked in it.

const pages = () => document.querySelector(".proposal-pages");
const still = matchMedia("(prefers-reduced-motion: reduce)");

function show(number) {
  for (const marked of document.querySelectorAll(".proposal .current")) marked.classList.remove("current");
  if (!number) return;
  document.querySelector(`.proposed[data-field="${number}"]`)?.classList.add("current");
  const places = document.querySelectorAll(`rect[data-field="${number}"]`);
  for (const place of places) place.classList.add("current");
  if (places.length) bringIntoView(places[0]);
}

/** Scrolls the pages alone, never the list that the person works in. */
function bringIntoView(place) {
  const box = pages();
  const [inner, outer] = [place.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
  const top = box.scrollTop + inner.top - outer.top - outer.height / 3;
  box.scrollTo({ top, behavior: still.matches ? "auto" : "smooth" });
}

function rowOf(event) {
  return event.target.closest?.(".proposed");
}

function below(row) {
  const depth = Number(row.className.match(/indent-(\d)/)[1]);
  const found = [];
  for (let next = row.nextElementSibling; next; next = next.nextElementSibling) {
    if (Number(next.className.match(/indent-(\d)/)[1]) <= depth) break;
    found.push(next);
  }
  return found;
}

document.addEventListener("pointerover", (event) => {
  const row = rowOf(event);
  if (row) show(row.dataset.field);
  else if (event.target.matches?.(".proposal-sheet rect")) show(event.target.dataset.field);
});

document.addEventListener("focusin", (event) => {
  const row = rowOf(event);
  if (row) show(row.dataset.field);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-shows]");
  if (!link || getComputedStyle(pages()).position !== "sticky") return;
  event.preventDefault();
  show(link.dataset.shows);
});

document.addEventListener("change", (event) => {
  const row = rowOf(event);
  if (!row || event.target.name !== "take") return;
  if (row.matches(".proposed-group") && !event.target.checked) {
    for (const child of below(row)) child.querySelector("[name=take]").checked = false;
  }
  if (!event.target.checked) return;
  const parents = [...document.querySelectorAll(".proposed-group")].filter((group) => below(group).includes(row));
  for (const parent of parents) parent.querySelector("[name=take]").checked = true;
});
