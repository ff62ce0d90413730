// Bounding boxes of values on the pages, the highlighted one and its label.

const NS = "http://www.w3.org/2000/svg";

export function rectangle(sheet, [x0, y0, x1, y1], room = sheet.dataset.width / 400) {
  const { width, height } = sheet.dataset;
  const rect = document.createElementNS(NS, "rect");
  const sides = {
    x: x0 * width - room,
    y: y0 * height - room,
    width: (x1 - x0) * width + 2 * room,
    height: (y1 - y0) * height + 2 * room,
    rx: 3,
  };
  for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, value);
  return rect;
}

// An SVG layer over a page, created on first use.
export function layer(sheet, name) {
  const made = sheet.querySelector(`.${name}`);
  if (made) return made;
  const svg = sheet.querySelector(".places").cloneNode();
  svg.setAttribute("class", name);
  sheet.querySelector(".face").append(svg);
  return svg;
}

export class Places {
  constructor(viewer) {
    this.viewer = viewer;
    this.lit = null;
    this.showBoxes(viewer.boxes);
    viewer.tools.querySelector(".desk-boxes").addEventListener("change", (event) => this.showBoxes(event.target.value));
  }

  showBoxes(which) {
    this.viewer.boxes = which;
    this.viewer.desk.dataset.boxes = which;
    this.viewer.tools.querySelector(".desk-boxes").value = which;
    this.viewer.keep();
  }

  place(path) {
    return path ? this.viewer.section.querySelector(`.places [data-path="${CSS.escape(path)}"]`) : null;
  }

  show({ path, page, boxes, label, scroll = true }) {
    this.dim();
    let place = this.place(path);
    if (page && boxes?.length) place = this.draw(place, { path, page, boxes, label });
    if (!place) {
      if (page && scroll) this.viewer.goTo(page);
      return;
    }
    this.lit = { place, label };
    place.classList.add("current");
    if (scroll) this.bring(place.querySelector("rect"));
    this.name();
  }

  draw(place, { path, page, boxes, label }) {
    const sheet = this.viewer.sheet(page);
    if (!place) {
      place = document.createElementNS(NS, "a");
      place.setAttribute("tabindex", "-1");
      place.dataset.path = path ?? "";
      place.append(document.createElementNS(NS, "title"));
      place.firstChild.textContent = label ?? "";
    }
    for (const old of place.querySelectorAll("rect")) old.remove();
    for (const box of boxes) place.append(rectangle(sheet, box));
    sheet.querySelector(".places").append(place);
    return place;
  }

  // The dot on a thumbnail: a value on that page needs an answer.
  dot(sheet) {
    const number = this.viewer.section.querySelector(`[data-rail="${sheet.dataset.page}"] .rail-number`);
    const flagged = sheet.querySelector(
      '.places [data-state="need"]:not(.gone), .places [data-state="broke"]:not(.gone)',
    );
    if (!number || Boolean(flagged) === Boolean(number.querySelector(".rail-dot"))) return;
    if (!flagged) {
      for (const part of number.querySelectorAll(".rail-dot, .rail-dot ~ .sr-only")) part.remove();
      return;
    }
    const dot = document.createElement("span");
    dot.className = "rail-dot";
    number.append(dot);
  }

  dim(near) {
    const beside = this.place(near)?.querySelector("rect");
    if (beside) this.bring(beside);
    this.lit?.place.classList.remove("current");
    this.lit = null;
    this.viewer.section.querySelector(".place-name")?.remove();
  }

  // Scrolls only as far as needed.
  bring(rect) {
    const inner = rect.getBoundingClientRect();
    const outer = this.viewer.desk.getBoundingClientRect();
    if (!outer.width) return;
    const seen = inner.top > outer.top + 40 && inner.bottom < outer.bottom - 80;
    const top = seen ? 0 : (inner.top + inner.bottom) / 2 - (outer.top + outer.height * 0.42);
    const beside = inner.left >= outer.left && inner.right <= outer.right;
    const left = beside ? 0 : (inner.left + inner.right) / 2 - (outer.left + outer.width / 2);
    // Smooth scrolling over many pages takes too long.
    const behavior = Math.abs(top) > 2 * outer.height ? "instant" : "auto";
    if (top || left) this.viewer.desk.scrollBy({ top, left, behavior });
  }

  // The label of the field, left of its place where it fits, else below.
  name() {
    this.viewer.section.querySelector(".place-name")?.remove();
    if (!this.lit) return;
    const words = this.lit.label || this.lit.place.querySelector("title")?.textContent;
    const sheet = this.lit.place.closest(".sheet");
    const box = this.lit.place.querySelector("rect")?.getBoundingClientRect();
    if (!words || !box) return;
    const label = document.createElement("span");
    label.className = "place-name";
    label.textContent = words;
    sheet.append(label);
    const page = sheet.getBoundingClientRect();
    const room = box.left - page.left > label.offsetWidth + 6;
    label.classList.toggle("below", !room);
    label.style.left = `${(100 * (box.left - page.left)) / page.width}%`;
    label.style.top = `${(100 * ((room ? (box.top + box.bottom) / 2 : box.bottom) - page.top)) / page.height}%`;
  }
}
