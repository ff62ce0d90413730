// Draws an arrangement: a section for each part, an item for each page. Items are kept and moved, so that focus and
// thumbnails survive.

import { place, ranges } from "./arrangement.js";

export function makeDrawing(root, words, observe) {
  const space = root.querySelector(".arranger-parts");
  const partPattern = root.querySelector("[data-part]").content.firstElementChild;
  const sheetPattern = root.querySelector("[data-sheet]").content.firstElementChild;
  const items = new Map(); // page → item
  const sections = [];

  const say = (name, n) => words[name].replace("{n}", n);

  function itemOf(page) {
    if (items.has(page)) return items.get(page);
    const item = sheetPattern.cloneNode(true);
    item.dataset.page = page;
    item.querySelector(".arranger-number").textContent = page;
    const cut = item.querySelector(".arranger-cut");
    cut.setAttribute("aria-label", say("cut", page));
    cut.title = say("cut", page);
    items.set(page, item);
    observe(item);
    return item;
  }

  function sectionAt(index) {
    if (!sections[index]) {
      sections[index] = partPattern.cloneNode(true);
      space.append(sections[index]);
    }
    return sections[index];
  }

  function drawSheet([page, turn, kept]) {
    const item = itemOf(page);
    item.dataset.turn = turn;
    item.classList.toggle("arranger-out", !kept);
    const facts = [say("page", page), turn && say("turned", turn), !kept && words.out].filter(Boolean);
    item.querySelector(".arranger-page").setAttribute("aria-label", facts.join(", "));
    item.querySelector(".arranger-number").textContent = kept ? page : `${page} · ${words.out}`;
    return item;
  }

  function drawHead(section, part, index, number) {
    const kept = part.filter((sheet) => sheet[2]).map(([page]) => page);
    const title = kept.length ? say("part", number) : words.partOut;
    const pages = (kept.length === 1 ? words.one : words.several).replace("{pages}", ranges(kept));
    section.querySelector("h3").textContent = kept.length ? `${title} · ${pages}` : title;
    const join = section.querySelector("[data-arranges=join]");
    join.hidden = index === 0;
    join.dataset.part = index;
    join.textContent = say("join", Math.max(1, number - 1));
    return kept.length ? number + 1 : number;
  }

  function draw(parts) {
    const focused = document.activeElement;
    let number = 1;
    for (const [index, part] of parts.entries()) {
      const section = sectionAt(index);
      number = drawHead(section, part, index, number);
      const wanted = part.map(drawSheet);
      const list = section.querySelector("ol");
      list.setAttribute("aria-label", section.querySelector("h3").textContent);
      for (const [at, item] of wanted.entries())
        if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
    }
    for (const section of sections.splice(parts.length)) section.remove();
    if (focused?.isConnected && root.contains(focused) && document.activeElement !== focused) focused.focus();
  }

  function mark(selected, current) {
    for (const [page, item] of items) {
      const button = item.querySelector(".arranger-page");
      button.setAttribute("aria-pressed", String(selected.has(page)));
      button.tabIndex = page === current ? 0 : -1;
    }
  }

  const focus = (page) => items.get(page)?.querySelector(".arranger-page").focus();

  // The page above or below, by where the items lie.
  function vertical(parts, page, down) {
    const from = items.get(page).getBoundingClientRect();
    const middle = (rect) => rect.left + rect.width / 2;
    const rows = parts.flat().map(([other]) => ({ other, rect: items.get(other).getBoundingClientRect() }));
    const beyond = rows.filter(({ rect }) => (down ? rect.top >= from.bottom - 1 : rect.bottom <= from.top + 1));
    if (!beyond.length) return page;
    const near = down
      ? Math.min(...beyond.map(({ rect }) => rect.top))
      : Math.max(...beyond.map(({ rect }) => rect.top));
    const row = beyond.filter(({ rect }) => Math.abs(rect.top - near) < rect.height / 2);
    row.sort((one, two) => Math.abs(middle(one.rect) - middle(from)) - Math.abs(middle(two.rect) - middle(from)));
    return row[0].other;
  }

  const beside = (parts, page, step) => {
    const order = parts.flat().map(([other]) => other);
    const at = order.indexOf(page) + step;
    return order[Math.max(0, Math.min(at, order.length - 1))];
  };

  const startsPart = (parts, page) => place(parts, page)[1] === 0;

  return { draw, mark, focus, vertical, beside, startsPart, space, items };
}
