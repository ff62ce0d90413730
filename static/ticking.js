// Durations that go on: <span data-ticks="12.3">12 s</span>. The start is counted from when the text came, so that the
// clocks of server and browser need not agree. They stand still for people who asked for less motion.

const starts = new WeakMap();

export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(whole / 3600);
  const days = Math.floor(whole / 86400);
  if (days >= 2) return `${days} ${document.documentElement.lang.startsWith("fr") ? "j" : "d"}`;
  if (hours) return pair(`${hours} h`, minutes % 60, "min");
  if (minutes) return pair(`${minutes} min`, whole % 60, "s");
  return `${whole} s`;
}

function pair(large, rest, unit) {
  return rest ? `${large} ${rest} ${unit}` : large;
}

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
  // A refreshed part may bring back an older second; put it right before it is painted.
  document.addEventListener("htmx:afterSwap", tick);
}
