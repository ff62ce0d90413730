// Two panes side by side with a draggable divider. Width and order persist. On a small screen the panes are two tabs
// ([data-view]), which are plain links without this module.

import { remember, remembered } from "./remembered.js";

const LEAST = 25;
const MOST = 75;
const KEPT = "panes";
const root = document.documentElement;
let side = remembered(KEPT).side === "right" ? "right" : "left"; // as split.js rendered it

for (const line of document.querySelectorAll(".panes-split")) start(line);

function start(line) {
  const panes = line.parentElement;
  const name = panes.dataset.panes;
  const pane = panes.querySelector(".viewer");
  const now = () => Math.round((100 * pane.offsetWidth) / panes.clientWidth) || 50;
  const set = (percent) => {
    const width = Math.min(MOST, Math.max(LEAST, percent));
    root.style.setProperty(`--split-${name}`, `${width}%`);
    line.setAttribute("aria-valuenow", Math.round(width));
  };
  const keep = () => {
    remember(KEPT, { [name]: now() });
  };

  line.hidden = false;
  line.setAttribute("aria-valuenow", now());
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    line.classList.add("dragging");
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const box = panes.getBoundingClientRect();
    const left = (100 * (event.clientX - box.left)) / box.width;
    set(onTheRight() ? 100 - left : left);
  });
  line.addEventListener("lostpointercapture", () => {
    line.classList.remove("dragging");
    keep();
  });
  line.addEventListener("dblclick", () => {
    root.style.removeProperty(`--split-${name}`);
    line.setAttribute("aria-valuenow", now());
    keep();
  });
  line.addEventListener("keydown", (event) => {
    const towards = { ArrowLeft: -2, ArrowRight: 2 }[event.key] * (onTheRight() ? -1 : 1);
    const goal = { Home: LEAST, End: MOST }[event.key] ?? (towards ? now() + towards : null);
    if (goal === null) return;
    event.preventDefault();
    set(goal);
    keep();
  });
}

function onTheRight() {
  return side === "right";
}

document.addEventListener("panes:swap", () => {
  side = onTheRight() ? "left" : "right";
  root.dataset.documentSide = side; // for the style sheet
  remember(KEPT, { side });
});

// Other modules switch panes on a small screen with `panes:turn` {view: "document" or "fields"}.

document.addEventListener("panes:turn", (event) => turnTo(event.detail.view));

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-view]");
  if (!tab) return;
  event.preventDefault();
  turnTo(tab.dataset.view);
});

function turnTo(view) {
  document.body.classList.toggle("view-document", view === "document");
  document.body.classList.toggle("view-fields", view !== "document");
  for (const tab of document.querySelectorAll("[data-view]")) {
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}
