// Which pages are selected, and which one the keyboard is on.

export function makeSelection(drawing, parts, changed) {
  const selected = new Set();
  let current = null;
  let anchor = null;

  function show() {
    drawing.mark(selected, current);
    changed();
  }

  function only(number) {
    selected.clear();
    selected.add(number);
    anchor = number;
  }

  function toggle(number) {
    if (!selected.delete(number)) selected.add(number);
    anchor = number;
  }

  function upTo(number) {
    const order = parts()
      .flat()
      .map(([page]) => page);
    const [from, to] = [order.indexOf(anchor ?? number), order.indexOf(number)].sort((one, two) => one - two);
    selected.clear();
    for (const page of order.slice(from, to + 1)) selected.add(page);
  }

  return {
    show,
    start() {
      current = parts()[0][0][0];
      show();
      drawing.focus(current);
    },
    // What the buttons act on.
    chosen: () => (selected.size ? new Set(selected) : new Set([current])),
    // What a key or a drag on this page acts on.
    around: (number) => (selected.has(number) ? new Set(selected) : new Set([number])),
    all() {
      for (const [page] of parts().flat()) selected.add(page);
      show();
    },
    // Fingers and the keyboard have no Ctrl to hold, so they toggle.
    click(number, event) {
      current = number;
      if (event.shiftKey) upTo(number);
      else if (event.ctrlKey || event.metaKey || event.pointerType !== "mouse") toggle(number);
      else if (selected.size === 1 && selected.has(number)) selected.clear();
      else only(number);
      show();
    },
    // Whether the key moved somewhere.
    walk(number, event) {
      const { key, shiftKey } = event;
      const order = parts()
        .flat()
        .map(([page]) => page);
      const to = {
        ArrowLeft: () => drawing.beside(parts(), number, -1),
        ArrowRight: () => drawing.beside(parts(), number, 1),
        ArrowUp: () => drawing.vertical(parts(), number, false),
        ArrowDown: () => drawing.vertical(parts(), number, true),
        Home: () => order[0],
        End: () => order.at(-1),
      }[key]?.();
      if (to === undefined) return false;
      current = to;
      if (shiftKey) {
        anchor ??= number;
        upTo(to);
      }
      show();
      drawing.focus(to);
      return true;
    },
  };
}
