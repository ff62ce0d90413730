// Suggests names while somebody types @ in a comment. Without it a name that is typed in full works as well.

import { matching, mentionAt } from "./mentioning.js";

const SHOWN = 6;
const names = new Map(); // address → promise of names

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-mentions]")) suggest(event.target);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-mentions]")) close(event.target);
});
// Before the page's own shortcuts, and before Escape closes the surface around it.
document.addEventListener("keydown", pressed, { capture: true });

async function suggest(box) {
  const found = mentionAt(box.value, box.selectionStart);
  if (!found) return close(box);
  const known = await people(box.dataset.mentions);
  const now = mentionAt(box.value, box.selectionStart);
  const fits = now ? matching(known, now.part).slice(0, SHOWN) : [];
  if (!fits.length || document.activeElement !== box) return close(box);
  show(box, fits);
}

function people(address) {
  if (!names.has(address)) {
    const asked = fetch(address)
      .then((response) => (response.ok && !response.redirected ? response.json() : { people: [] }))
      .then((answer) => answer.people)
      .catch(() => []);
    names.set(address, asked);
  }
  return names.get(address);
}

function show(box, fits) {
  const list = listOf(box);
  list.replaceChildren(
    ...fits.map((name, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${index}`;
      item.role = "option";
      item.textContent = name;
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // the cursor stays in the text
        take(box, name);
      });
      return item;
    }),
  );
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
  select(box, 0);
}

function listOf(box) {
  const shown = box.parentElement.querySelector(".mentions");
  if (shown) return shown;
  const list = document.createElement("ul");
  list.className = "mentions";
  list.id = `mentions-${document.querySelectorAll(".mentions").length}`;
  list.role = "listbox";
  list.ariaLabel = box.ariaLabel;
  list.hidden = true;
  box.after(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  return list;
}

function select(box, index) {
  const items = [...listOf(box).children];
  for (const [at, item] of items.entries()) item.ariaSelected = String(at === index);
  box.setAttribute("aria-activedescendant", items[index].id);
}

function close(box) {
  const list = box.parentElement.querySelector(".mentions");
  if (!list) return;
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function take(box, name) {
  const { start } = mentionAt(box.value, box.selectionStart);
  box.setRangeText(`${name} `, start, box.selectionStart, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  close(box);
}

function pressed(event) {
  const box = event.target;
  if (!box.matches?.("[data-mentions]") || event.isComposing || event.ctrlKey || event.metaKey) return;
  const list = box.parentElement.querySelector(".mentions:not([hidden])");
  if (!list) return;
  const items = [...list.children];
  const at = items.findIndex((item) => item.ariaSelected === "true");
  if (event.key === "ArrowDown") select(box, (at + 1) % items.length);
  else if (event.key === "ArrowUp") select(box, (at + items.length - 1) % items.length);
  else if (event.key === "Enter" || event.key === "Tab") take(box, items[at].textContent);
  else if (event.key === "Escape") close(box);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
