// The navigation on small screens opens with :target; with JavaScript the link becomes a button.

import { closeSurface, openSurface } from "./surfaces.js";

for (const opener of document.querySelectorAll("[data-opens]")) {
  const target = document.getElementById(opener.dataset.opens);
  if (target) prepare(opener, target);
}

function prepare(opener, target) {
  const setExpanded = (open) => opener.setAttribute("aria-expanded", String(open));
  target.dataset.surface = "class";
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", target.id);
  setExpanded(false);
  target.addEventListener("surface:close", () => setExpanded(false));
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    if (target.classList.contains("open")) return closeSurface(target);
    openSurface(target, { from: opener });
    setExpanded(true);
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    opener.click();
  });
}
