// Surfaces: dialogs, popovers, menus, find bars, comment boxes. While one is open the page's shortcuts are off. Opening
// one moves the focus into it, closing it restores the focus. Other elements become surfaces with `data-surface`, open
// while not hidden, or `data-surface="class"`, open while they have the class `open`. Closing dispatches
// `surface:close`.

const TEXT =
  "textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=searchbox], [role=combobox], " +
  "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=image], [type=file], " +
  "[type=range], [type=color], [type=hidden])";
const SURFACE = "dialog, [popover], details.menu, [data-surface]";
// :is() tolerates browsers without popovers.
const OPEN =
  ":is(dialog[open], [popover]:popover-open, details:is(.menu, [data-surface])[open], [data-surface=class].open, " +
  "[data-surface]:not([data-surface=class], details, dialog, [popover], [hidden]))";

const origins = new WeakMap(); // open surface → the previously focused element
let beforePointer = null;

export const takesText = (element) => Boolean(element?.matches?.(TEXT));
export const openSurfaces = () => [...document.querySelectorAll(OPEN)];
export const topSurface = () => openSurfaces().at(-1) ?? null;

// Whether a key that types nothing, such as Ctrl+Enter, may act as a shortcut.
export function commandsAct(event) {
  return !event.defaultPrevented && !event.isComposing && !topSurface();
}

// Whether a single letter may act as a shortcut.
export function lettersAct(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return false;
  return commandsAct(event) && !takesText(document.activeElement) && !event.target.closest?.("summary");
}

// `unasked`: it opened by itself, so focus its heading, where no keystroke presses a button.
export function openSurface(surface, { from = document.activeElement, unasked = false } = {}) {
  if (!isOpen(surface)) {
    origins.set(surface, from);
    if (surface.matches("dialog")) surface.showModal();
    else if (surface.matches("[popover]")) surface.showPopover();
    else show(surface, true);
  }
  enter(surface, unasked);
}

export function closeSurface(surface, { back = true } = {}) {
  if (!isOpen(surface)) return;
  const inside = surface.contains(document.activeElement) || document.activeElement === document.body;
  surface.dispatchEvent(new CustomEvent("surface:close"));
  if (surface.matches("dialog")) surface.close();
  else if (surface.matches("[popover]")) surface.hidePopover();
  else show(surface, false);
  const origin = origins.get(surface);
  origins.delete(surface);
  if (back && inside && origin?.isConnected) origin.focus({ preventScroll: true });
}

function show(surface, open) {
  if (surface.matches("details")) surface.open = open;
  else if (surface.dataset.surface === "class") surface.classList.toggle("open", open);
  else surface.hidden = !open;
}

// Focus the text input. Without one, focus no button either: the space bar would press it.
export function enter(surface, unasked = false) {
  const entry = unasked ? null : entryOf(surface);
  if (entry) {
    entry.focus();
    if (entry.matches("textarea")) entry.setSelectionRange(entry.value.length, entry.value.length);
    return;
  }
  if (!surface.matches("dialog, [popover]")) return;
  const words = surface.querySelector("h1, h2, h3") ?? surface;
  words.tabIndex = -1;
  words.focus();
}

const isOpen = (surface) => surface.matches(OPEN) || (surface.matches("details") && surface.open);

function entryOf(surface) {
  const texts = [...surface.querySelectorAll(TEXT)].filter((text) => !text.readOnly);
  const shown = (element) => !element.disabled && element.checkVisibility();
  return [...surface.querySelectorAll("[autofocus]")].find(shown) ?? texts.find(shown);
}

const holdsText = (surface) => surface.querySelector(TEXT) !== null;
const isEmpty = (surface) =>
  [...surface.querySelectorAll(TEXT)].every((text) => text.tagName === "SELECT" || !text.value);
export const isModal = (surface) => Boolean(surface?.matches("dialog"));

// Opening and closing by mouse and keyboard

document.addEventListener(
  "pointerdown",
  () => {
    beforePointer = document.activeElement;
  },
  true,
);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) closeSurface(menu, { back: false });
  }
  const summary = event.target.closest?.("summary");
  const details = summary?.parentElement;
  if (event.defaultPrevented || !details?.matches("details") || !(details.matches(SURFACE) || holdsText(details)))
    return;
  event.preventDefault();
  if (details.open) return closeSurface(details);
  // With a mouse the focus was elsewhere; with the keyboard it was on the summary.
  const came = event.detail && !details.matches(".menu") ? beforePointer : summary;
  openSurface(details, { from: came });
});

// Surfaces opened by the browser itself.
document.addEventListener(
  "toggle",
  (event) => {
    const surface = event.target;
    if (!surface.matches?.("dialog, [popover]")) return;
    if (event.newState !== "open") return origins.delete(surface);
    if (origins.has(surface)) return;
    origins.set(surface, beforePointer);
    if (!takesText(document.activeElement)) enter(surface);
  },
  true,
);

// Moving the focus elsewhere closes menus and empty boxes.
document.addEventListener("focusin", (event) => {
  for (const surface of openSurfaces()) {
    if (isModal(surface) || surface.contains(event.target)) continue;
    if (surface.matches("details.menu") || (holdsText(surface) && isEmpty(surface)))
      closeSurface(surface, { back: false });
  }
});

document.addEventListener("keydown", (event) => {
  const surface = topSurface();
  if (!surface || event.defaultPrevented || event.isComposing) return;
  const inside = surface.contains(event.target);
  if (event.key === "Escape" && !isModal(surface) && (inside || !takesText(event.target))) {
    event.preventDefault();
    closeSurface(surface);
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (inside) confirmText(event.target);
    else enter(surface);
  }
});

// Ctrl+Enter submits such a form; elsewhere it focuses the button, which says what it does.
function confirmText(target) {
  const form = target.form;
  if (!form || !takesText(target)) return;
  if (form.matches("[data-sends]")) form.requestSubmit();
  else form.querySelector("[type=submit], button:not([type])")?.focus();
}

// Typing after losing the focus continues in the box instead of triggering shortcuts.
window.addEventListener(
  "keydown",
  (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const surface = topSurface();
    if (!surface || isModal(surface) || !holdsText(surface) || surface.contains(event.target)) return;
    if (takesText(event.target) || (event.key === " " && event.target.matches?.("a, button, summary"))) return;
    enter(surface);
  },
  true,
);
