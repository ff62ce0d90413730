// Before anything is painted: the width of the document pane and the side that it stands on, as they were left.
(() => {
  const root = document.documentElement;
  for (const [name, width] of Object.entries(JSON.parse(localStorage.getItem("panes") ?? "{}"))) {
    if (Number(width)) root.style.setProperty(`--split-${name}`, `${Number(width)}%`);
  }
  root.dataset.documentSide = localStorage.getItem("document-side") === "right" ? "right" : "left";
})();
