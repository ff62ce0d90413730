// Running durations: <span data-ticks="12.3">12 s</span>, counted from when the text arrived, so that the clocks of
// server and browser need not agree. Static with prefers-reduced-motion.

import { duration } from "./duration.js";

const starts = new WeakMap();

function tick() {
  const now = performance.now();
  for (const span of document.querySelectorAll("[data-ticks]")) {
    const known = starts.get(span);
    if (known?.from !== span.dataset.ticks) {
      starts.set(span, { from: span.dataset.ticks, at: now });
      continue;
    }
    const text = duration(Number(known.from) + (now - known.at) / 1000);
    if (span.textContent !== text) span.textContent = text;
  }
}

if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  tick();
  setInterval(tick, 1000);
  // A refreshed part may contain an older value; correct it before it is painted.
  document.addEventListener("htmx:afterSwap", tick);
}
