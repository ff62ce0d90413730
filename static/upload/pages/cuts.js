// Cuts that the worker proposes: asked for when the pages are opened, and told as soon as they are there.

import { ask } from "../asking.js";

const PAUSES = [700, 1500, 3000, 5000]; // milliseconds between questions, while pages are read

export function watchCuts(root, drawing, cut) {
  const url = root.dataset.cuts;
  const line = root.querySelector(".arranger-proposal");
  const button = (name) => line.querySelector(`[data-arranges=${name}]`);
  let found = null;
  let timer = null;
  let asked = 0;
  let closed = !url;

  async function look(question) {
    try {
      const response = await question();
      if (response.ok && !closed) show(await response.json());
      else if (response.status >= 500) later();
    } catch {
      later(); // offline: go on when it is back
    }
  }

  function later() {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(() => fetch(url, { headers: { "HX-Request": "true" } })), PAUSES[asked]);
    asked = Math.min(asked + 1, PAUSES.length - 1);
  }

  function show(told) {
    const words = [told.words, told.scans].filter(Boolean).join(" ");
    const shown = line.querySelector("p");
    if (shown.textContent !== words) shown.textContent = words;
    line.hidden = !words;
    if (told.state === "reading") later();
    found = told.state === "ready" ? told : null;
    button("accept").hidden = !found?.cuts.length;
    button("recognise").hidden = !told.scans;
    for (const { page, why } of found?.cuts ?? []) mark(drawing.items.get(page), why);
  }

  function mark(item, why) {
    item.classList.add("arranger-proposed");
    const strip = item.querySelector(".arranger-cut");
    strip.title = why;
    strip.setAttribute("aria-label", why);
  }

  const posted = (recognise) => {
    const data = new FormData();
    if (recognise) data.set("recognise", "1");
    return ask(url, data);
  };

  if (!closed) look(() => posted(false));
  return {
    accept() {
      if (found) cut({ cuts: found.cuts.map(({ page }) => page), empty: found.empty });
      button("accept").hidden = true;
    },
    recognise() {
      asked = 0;
      look(() => posted(true));
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
