// The result beside its pages: a field lights up its place, a place its field; zoom; the dialog before deleting.
// Without this module the same links jump to field and place, and :target marks them.

let desk = null;
const body = document.body;
let current = null;

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-place]");
  if (place) {
    event.preventDefault();
    return goToField(place.dataset.place);
  }
  const shows = event.target.closest(".field-row, td[data-field]")?.querySelector("[data-shows]");
  if (shows) {
    event.preventDefault();
    return light(shows.dataset.shows, { turn: true });
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog).showModal();
  }
  const view = event.target.closest("[data-view]");
  if (view) {
    event.preventDefault();
    turnTo(view.dataset.view);
  }
  const copies = event.target.closest("[data-copies]");
  if (copies) copy(copies);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-shows]")) light(event.target.dataset.shows);
});

document.addEventListener("mouseover", (event) => {
  const row = event.target.closest(".field-row, td[data-field]");
  const shows = row?.querySelector("[data-shows]");
  if (shows) light(shows.dataset.shows, { scroll: false });
});

function parts(number) {
  return {
    place: document.querySelector(`[data-place="${number}"]`),
    field: document.querySelector(`[data-field="${number}"]`),
  };
}

function light(number, { scroll = true, turn = false } = {}) {
  dim();
  const { place, field } = parts(number);
  if (!place) return;
  current = number;
  place.classList.add("current");
  field?.classList.add("current");
  if (turn) turnTo("document");
  name(place);
  if (scroll) show(place.querySelector("rect"), desk);
}

function dim() {
  if (current === null) return;
  const { place, field } = parts(current);
  place?.classList.remove("current");
  field?.classList.remove("current");
  document.querySelector(".place-name")?.remove();
  current = null;
}

async function goToField(number) {
  if (!document.querySelector(`[data-field="${number}"]`)) await openFields();
  turnTo("fields");
  light(number, { scroll: false });
  const { field } = parts(number);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.querySelector("[data-shows]")?.focus({ preventScroll: true });
  field.scrollIntoView({ block: "nearest" });
}

function openFields() {
  history.replaceState(null, "", "?tab=fields");
  return htmx.ajax("GET", "?tab=fields", { target: "#result", swap: "outerHTML show:none" });
}

// Only as far as needed: a place that can be seen stays where it is.
function show(rect, within) {
  const inner = rect.getBoundingClientRect();
  const outer = within.getBoundingClientRect();
  if (inner.top > outer.top + 40 && inner.bottom < outer.bottom - 80 && inner.left >= outer.left) return;
  rect.scrollIntoView({ block: "center", inline: "nearest" });
}

// The field's name beside its place: at the left where there is room, else below.
function name(place) {
  const figure = place.closest(".sheet");
  const rect = place.querySelector("rect");
  const label = document.createElement("span");
  label.className = "place-name";
  label.textContent = place.querySelector("title").textContent;
  figure.append(label);
  const page = figure.getBoundingClientRect();
  const box = rect.getBoundingClientRect();
  const room = box.left - page.left > label.offsetWidth + 6;
  label.classList.toggle("below", !room);
  label.style.left = `${(100 * (box.left - page.left)) / page.width}%`;
  label.style.top = `${(100 * ((room ? (box.top + box.bottom) / 2 : box.bottom) - page.top)) / page.height}%`;
}

function turnTo(view) {
  body.classList.toggle("view-document", view === "document");
  body.classList.toggle("view-fields", view !== "document");
  for (const tab of document.querySelectorAll("[data-view]")) {
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

// The page tools

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
let zoom = 1;

function setZoom(value) {
  zoom = value;
  desk.style.setProperty("--zoom", zoom);
  document.getElementById("desk-zoom").textContent = new Intl.NumberFormat(document.documentElement.lang, {
    style: "percent",
  }).format(zoom);
  if (current !== null) light(current);
}

function startTools(tools) {
  tools.hidden = false;
  const first = desk.querySelector(".sheet img");
  desk.style.setProperty("--ratio", first.width / first.height);
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("boxes" in button.dataset) {
      const hidden = desk.classList.toggle("without-boxes");
      button.setAttribute("aria-pressed", String(!hidden));
    }
    if (button.dataset.zoom === "in") setZoom(ZOOMS.find((step) => step > zoom) ?? zoom);
    if (button.dataset.zoom === "out") setZoom(ZOOMS.findLast((step) => step < zoom) ?? zoom);
    if (button.dataset.zoom === "fit") {
      button.setAttribute("aria-pressed", String(desk.classList.toggle("fits")));
      setZoom(1);
    }
  });
  desk.addEventListener("wheel", zoomByWheel, { passive: false });
  const watcher = new IntersectionObserver(noticePage, { root: desk, rootMargin: "-45% 0px -45% 0px" });
  for (const sheet of desk.querySelectorAll(".sheet")) watcher.observe(sheet);
  tellPage(1);
}

function zoomByWheel(event) {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(Math.min(3, Math.max(0.5, zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1))));
}

function noticePage(entries) {
  const seen = entries.filter((entry) => entry.isIntersecting).at(-1);
  if (seen) tellPage([...desk.querySelectorAll(".sheet")].indexOf(seen.target) + 1);
}

function tellPage(position) {
  const told = document.getElementById("desk-page");
  if (told) told.textContent = told.dataset.words.replace("{n}", position);
  const links = [...document.querySelectorAll("[data-rail]")];
  for (const [index, link] of links.entries()) {
    if (index + 1 === position) {
      link.setAttribute("aria-current", "true");
      if (document.activeElement !== link) link.scrollIntoView({ block: "nearest" });
    } else link.removeAttribute("aria-current");
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
  const word = button.querySelector("span");
  const before = word.textContent;
  word.textContent = button.dataset.copied;
  setTimeout(() => (word.textContent = before), 2000);
}

// The pages may come later than the page.
function start() {
  const tools = document.getElementById("desk-tools");
  if (tools?.hidden) {
    desk = document.getElementById("desk");
    startTools(tools);
  }
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
}

start();
document.addEventListener("htmx:afterSettle", start);
document.addEventListener("htmx:oobAfterSwap", start);
