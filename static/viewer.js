// The pages of a document: zoom, rotate, pan, find, mark, highlight values. Enhances every section[data-viewer], also
// those inserted later. Without JavaScript the pages are plain images, and :target marks a place.
//
// Listens on document to:
//   place:show  {path, page, boxes, label, scroll}  highlight a value; boxes [[x0, y0, x1, y1], ...] are fractions of
//               the page and replace the known ones; scroll: false keeps the scroll position
//   place:state {path, state}                       "", "ok", "need" or "broke": the colour of its boxes
//   place:gone  {path, gone}                       its row was removed or restored
//   place:dim   {near}                              remove the highlight; scroll to the place of the path `near`
//   viewer:do   {what}                              any data-do of the tools, "next-page" or "previous-page"
// Dispatches on document:
//   place:chosen {path}             a box was clicked
//   place:drawn  {page, box, boxes, text}  a place was marked; consumers call preventDefault(), else the text is
//               offered for copying

import { remember, remembered } from "./remembered.js";
import { isModal, lettersAct, topSurface } from "./surfaces.js";
import { Drawing } from "./viewer-draw.js";
import { Finding } from "./viewer-find.js";
import { Images } from "./viewer-images.js";
import { Places } from "./viewer-places.js";

const ZOOMS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5];
const SMALLEST = ZOOMS[0];
const LARGEST = ZOOMS.at(-1);
const ROOM = 40;
const WIDEST = 1100;
const KEPT = "viewer";

class Viewer {
  constructor(section) {
    this.section = section;
    this.desk = section.querySelector(".desk");
    this.tools = section.querySelector(".desk-tools");
    this.sheets = [...section.querySelectorAll(".sheet[data-page]")];
    this.number = 1;
    this.turn = 0;
    const kept = remembered(KEPT);
    this.zoom = Math.min(LARGEST, Math.max(SMALLEST, Number(kept.zoom) || 1));
    this.whole = kept.whole === true;
    this.boxes = ["all", "flagged", "off"].includes(kept.boxes) ? kept.boxes : "all";
    this.finding = new Finding(this);
    this.drawing = new Drawing(this);
    this.images = new Images(this);
    this.places = new Places(this);
    this.start();
    this.measure();
    this.showPageNumber();
  }

  start() {
    for (const sheet of this.sheets) {
      sheet.style.setProperty("--w", sheet.dataset.width);
      sheet.style.setProperty("--h", sheet.dataset.height);
    }
    this.section.classList.add("viewer-live");
    this.tools.hidden = false;
    this.section.addEventListener("click", (event) => this.clicked(event));
    this.section.addEventListener("keydown", (event) => this.pressed(event));
    this.section.addEventListener("dragstart", (event) => event.preventDefault());
    this.desk.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    this.desk.addEventListener("pointerdown", (event) => this.pan(event));
    this.seen = new Set();
    this.resizing = new ResizeObserver(() => this.measure());
    this.resizing.observe(this.desk);
    this.watching = new IntersectionObserver((entries) => this.noticed(entries), { root: this.desk });
    for (const sheet of this.sheets) this.watching.observe(sheet);
    this.desk.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  // Sizes: a page fits the desk, but is never wider than its image, before zooming.

  natural(sheet) {
    return Number(this.turn % 2 ? sheet.dataset.height : sheet.dataset.width);
  }

  ratio(sheet) {
    const ratio = sheet.dataset.width / sheet.dataset.height;
    return this.turn % 2 ? 1 / ratio : ratio;
  }

  fitWidth(sheet) {
    return Math.min(this.desk.clientWidth - ROOM, WIDEST, this.natural(sheet));
  }

  measure() {
    const sheet = this.sheet();
    if (!sheet || !this.desk.clientWidth) return;
    if (this.whole) {
      const height = this.desk.clientHeight - 2 * ROOM;
      const width = Math.min(this.desk.clientWidth - ROOM, height * this.ratio(sheet));
      this.zoom = Math.max(0.05, width / this.fitWidth(sheet));
    }
    this.desk.style.setProperty("--fit", `${Math.min(this.desk.clientWidth - ROOM, WIDEST)}px`);
    this.desk.style.setProperty("--zoom", this.zoom);
    for (const page of this.sheets) page.style.setProperty("--natural", `${this.natural(page)}px`);
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    this.tools.querySelector(".desk-zoom output").textContent = percent.format(this.zoom);
    this.tools.querySelector('[data-do="fit"]').setAttribute("aria-pressed", String(this.whole));
    this.places.name();
    this.images.sharpenSoon();
  }

  // Keeps the point under the pointer, or the centre, in place.
  setZoom(zoom, { x, y, whole = false } = {}) {
    const desk = this.desk.getBoundingClientRect();
    x ??= desk.left + desk.width / 2;
    y ??= desk.top + desk.height / 2;
    const sheet = this.sheetAt(y) ?? this.sheet();
    const before = sheet.getBoundingClientRect();
    const across = (x - before.left) / before.width;
    const down = (y - before.top) / before.height;
    this.whole = whole;
    this.zoom = Math.min(LARGEST, Math.max(SMALLEST, zoom));
    this.measure();
    const after = sheet.getBoundingClientRect();
    const left = this.desk.scrollLeft + after.left + across * after.width - x;
    const top = this.desk.scrollTop + after.top + down * after.height - y;
    this.desk.scrollTo({ left, top, behavior: "instant" });
    this.keep();
  }

  fit(whole) {
    const number = this.number;
    this.setZoom(1, { whole });
    this.goTo(number);
  }

  rotate() {
    const number = this.number;
    this.turn = (this.turn + 1) % 4;
    this.desk.dataset.turn = this.turn;
    this.measure();
    this.goTo(number);
  }

  keep() {
    const { whole, boxes } = this;
    remember(KEPT, { zoom: whole ? 1 : this.zoom, whole, boxes });
  }

  // Pages

  sheet(number = this.number) {
    return this.sheets.find((sheet) => Number(sheet.dataset.page) === number) ?? this.sheets[0];
  }

  sheetAt(y) {
    return this.sheets.find((sheet) => {
      const box = sheet.getBoundingClientRect();
      return box.top <= y && y <= box.bottom;
    });
  }

  goTo(number) {
    const sheet = this.sheet(number);
    const top = this.desk.scrollTop + sheet.getBoundingClientRect().top - this.desk.getBoundingClientRect().top - 16;
    this.desk.scrollTo({ top, behavior: "instant" });
  }

  step(by) {
    const at = this.sheets.indexOf(this.sheet());
    const next = this.sheets[at + by];
    if (next) this.goTo(Number(next.dataset.page));
  }

  noticed(entries) {
    for (const entry of entries) {
      if (entry.isIntersecting) this.seen.add(entry.target);
      else this.seen.delete(entry.target);
    }
    this.scrolled();
  }

  // The page whose number is shown is the one across the middle of the desk.
  scrolled() {
    const desk = this.desk.getBoundingClientRect();
    const line = desk.top + desk.height * 0.45;
    const under = [...this.seen].filter((sheet) => sheet.getBoundingClientRect().top <= line);
    const first = under.reduce((best, sheet) => (best && this.isBefore(sheet, best) ? best : sheet), null);
    const number = Number((first ?? [...this.seen][0])?.dataset.page);
    if (number && number !== this.number) {
      this.number = number;
      this.showPageNumber();
    }
    this.images.sharpenSoon();
  }

  isBefore(sheet, other) {
    return Number(sheet.dataset.page) < Number(other.dataset.page);
  }

  showPageNumber() {
    const page = this.tools.querySelector(".desk-page");
    if (page) page.textContent = page.dataset.words.replace("{n}", this.number);
    for (const link of this.section.querySelectorAll("[data-rail]")) {
      if (Number(link.dataset.rail) === this.number) {
        link.setAttribute("aria-current", "true");
        if (document.activeElement !== link) this.showInRail(link);
      } else link.removeAttribute("aria-current");
    }
  }

  showInRail(link) {
    const rail = link.parentElement;
    const outer = rail.getBoundingClientRect();
    const inner = link.getBoundingClientRect();
    if (inner.top < outer.top) rail.scrollTop -= outer.top - inner.top + 12;
    if (inner.bottom > outer.bottom) rail.scrollTop += inner.bottom - outer.bottom + 12;
  }

  // Input

  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button) return this.do(button.dataset.do);
    const rail = event.target.closest("[data-rail]");
    if (rail) {
      event.preventDefault();
      return this.goTo(Number(rail.dataset.rail));
    }
    const place = event.target.closest(".places [data-path]");
    if (!place) return;
    event.preventDefault();
    if (this.panned || this.drawing.on) return;
    document.dispatchEvent(new CustomEvent("place:chosen", { detail: { path: place.dataset.path } }));
  }

  do(what) {
    const larger = () => ZOOMS.find((step) => step > this.zoom * 1.02) ?? this.zoom;
    const smaller = () => ZOOMS.findLast((step) => step < this.zoom / 1.02) ?? this.zoom;
    const actions = {
      "zoom-in": () => this.setZoom(larger()),
      "zoom-out": () => this.setZoom(smaller()),
      "zoom-none": () => this.fit(false),
      fit: () => this.fit(!this.whole),
      rotate: () => this.rotate(),
      "next-page": () => this.step(1),
      "previous-page": () => this.step(-1),
      "swap-sides": () => document.dispatchEvent(new CustomEvent("panes:swap")),
    };
    const action = actions[what] ?? this.finding.actions[what] ?? this.drawing.actions[what];
    action?.();
  }

  pressed(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "f" && !isModal(topSurface()))
      return this.take(event, "find");
    if (!lettersAct(event)) return;
    const keys = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-none", "/": "find" };
    const pages = { PageDown: "next-page", PageUp: "previous-page" };
    const what = keys[event.key] ?? (this.sheets.length > 1 ? pages[event.key] : null);
    if (what) this.take(event, what);
  }

  take(event, what) {
    event.preventDefault();
    event.stopPropagation();
    this.do(what);
  }

  wheeled(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const by = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 300);
    this.setZoom(this.zoom * by, { x: event.clientX, y: event.clientY });
  }

  // Drag to pan with a mouse; touch scrolls natively.
  pan(event) {
    this.panned = false;
    if (event.button !== 0 || event.pointerType !== "mouse" || event.shiftKey || this.drawing.on) return;
    const from = { x: event.clientX, y: event.clientY, left: this.desk.scrollLeft, top: this.desk.scrollTop };
    const box = this.desk.getBoundingClientRect();
    if (from.x > box.left + this.desk.clientWidth || from.y > box.top + this.desk.clientHeight) return;
    const move = (moved) => {
      const x = moved.clientX - from.x;
      const y = moved.clientY - from.y;
      if (!this.panned && Math.hypot(x, y) < 4) return;
      this.panned = true;
      this.desk.classList.add("panning");
      this.desk.scrollTo({ left: from.left - x, top: from.top - y, behavior: "instant" });
    };
    const end = () => {
      this.desk.classList.remove("panning");
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }

  // Fetched once, on first use.
  async words() {
    this.reading ??= fetch(this.section.dataset.words)
      .then((response) => (response.ok ? response.json() : null))
      .then((found) => found?.pages ?? null)
      .catch(() => null);
    const pages = await this.reading;
    if (!pages || !Object.keys(pages).length) this.reading = null;
    return pages ?? {};
  }

  stop() {
    this.resizing.disconnect();
    this.watching.disconnect();
  }
}

const viewers = new Map();

function start() {
  for (const [section, viewer] of viewers) {
    if (section.isConnected) continue;
    viewer.stop();
    viewers.delete(section);
  }
  for (const section of document.querySelectorAll("[data-viewer]")) {
    if (!viewers.has(section) && section.querySelector(".desk-tools")) viewers.set(section, new Viewer(section));
  }
}

function everywhere(name, action) {
  document.addEventListener(name, (event) => {
    for (const viewer of viewers.values()) action(viewer, event.detail ?? {});
  });
}

everywhere("place:show", (viewer, detail) => viewer.places.show(detail));
everywhere("place:dim", (viewer, { near }) => viewer.places.dim(near));
everywhere("place:state", (viewer, { path, state }) => {
  const place = viewer.places.place(path);
  if (!place) return;
  place.dataset.state = state;
  viewer.places.dot(place.closest(".sheet"));
});
everywhere("place:gone", (viewer, { path, gone }) => {
  const place = viewer.places.place(path);
  if (!place) return;
  place.classList.toggle("gone", gone);
  viewer.places.dot(place.closest(".sheet"));
});
everywhere("viewer:do", (viewer, { what }) => viewer.do(what));

start();
// Viewers may be inserted later.
document.addEventListener("htmx:afterSettle", start);
document.addEventListener("htmx:oobAfterSwap", start);
