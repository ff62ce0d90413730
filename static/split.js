// Restores the width and side of the document pane before the first paint.
(() => {
  const root = document.documentElement;
  let panes = {};
  try {
    panes = JSON.parse(localStorage.getItem("panes")) ?? {};
  } catch {
    // Without storage the defaults apply.
  }
  const { side, ...widths } = panes;
  for (const [name, width] of Object.entries(widths)) {
    if (Number(width)) root.style.setProperty(`--split-${name}`, `${Number(width)}%`);
  }
  root.dataset.documentSide = side === "right" ? "right" : "left";
})();
