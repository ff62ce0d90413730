// Dragging pages to another place, for those who have a mouse. The buttons do the same.

const TYPE = "text/x-pages";

export function watchDragging(space, { chosen, drop }) {
  let pages = null;
  let marked = null;

  function unmark() {
    marked?.classList.remove("arranger-before", "arranger-after");
    marked = null;
  }

  const isAfter = (item, event) => {
    const rect = item.getBoundingClientRect();
    return event.clientX > rect.left + rect.width / 2;
  };

  space.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.(".arranger-sheet");
    if (!item) return;
    pages = chosen(Number(item.dataset.page));
    event.dataTransfer.setData(TYPE, [...pages].join(","));
    event.dataTransfer.effectAllowed = "move";
    space.classList.add("arranger-dragging");
  });
  space.addEventListener("dragover", (event) => {
    const item = event.target.closest?.(".arranger-sheet");
    if (!pages || !item) return;
    event.preventDefault();
    unmark();
    marked = item;
    item.classList.add(isAfter(item, event) ? "arranger-after" : "arranger-before");
  });
  space.addEventListener("drop", (event) => {
    const item = event.target.closest?.(".arranger-sheet");
    if (!pages || !item) return;
    event.preventDefault();
    drop(pages, Number(item.dataset.page), isAfter(item, event));
  });
  space.addEventListener("dragend", () => {
    pages = null;
    unmark();
    space.classList.remove("arranger-dragging");
  });
}
