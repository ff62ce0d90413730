// Drops keys pressed during navigation, which are meant for neither page, and those that follow without a pause;
// dispatches `keys:dropped`. `keys:hold` and `keys:release` do the same on demand. A classic script, so that it listens
// before the first paint.
(() => {
  const QUIET = 500; // milliseconds without a key
  const NAME = "keys-dropped-at";
  const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Dead"];
  let ready = false;
  let leaving = false;
  let held = false;
  let last = 0;

  const remember = (time) => {
    last = time;
    try {
      sessionStorage.setItem(NAME, String(time));
    } catch {
      // Without storage only keys pressed on this page count.
    }
  };

  try {
    last = Number(sessionStorage.getItem(NAME)) || 0;
  } catch {
    last = 0;
  }

  // Leave the browser its own shortcuts.
  const belongsToBrowser = (event) =>
    MODIFIERS.includes(event.key) ||
    /^F\d+$/.test(event.key) ||
    ((event.ctrlKey || event.metaKey || event.altKey) &&
      !["enter", "k", "z", "y", "v", "x"].includes(event.key.toLowerCase()));

  window.addEventListener(
    "keydown",
    (event) => {
      if (leaving && event.key === "Escape") {
        leaving = false; // the browser stops loading
        document.dispatchEvent(new CustomEvent("keys:escape"));
        return;
      }
      const dropping = !ready || leaving || held || Date.now() - last < QUIET;
      if (!dropping || belongsToBrowser(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (held && event.key === "Escape") {
        document.dispatchEvent(new CustomEvent("keys:escape"));
        return;
      }
      remember(Date.now());
      document.dispatchEvent(new CustomEvent("keys:dropped"));
    },
    true,
  );
  const leave = (now) => () => {
    leaving = now;
  };
  const hold = (now) => () => {
    held = now;
  };
  window.addEventListener("beforeunload", leave(true));
  window.addEventListener("pageshow", leave(false));
  // A click means that the navigation did not happen, such as a download.
  window.addEventListener("pointerdown", leave(false), true);
  document.addEventListener("DOMContentLoaded", () => {
    ready = true;
  });
  document.addEventListener("keys:hold", hold(true));
  document.addEventListener("keys:release", hold(false));
})();
