// Thumbnails of a draft's pages: only of those in sight, a few at a time, one request after another.

const BATCH = 10; // as many as the server renders at a time
const PAUSE = 2000; // milliseconds, when the server is busy

export function watchThumbnails(url, root) {
  const wanted = new Set(); // first pages of batches
  const there = new Set();
  let busy = false;
  let closed = false;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        want(Number(entry.target.dataset.page));
      }
    },
    { root, rootMargin: "400px 0px" },
  );

  function want(page) {
    const first = page - ((page - 1) % BATCH);
    if (there.has(first)) return;
    wanted.add(first);
    next();
  }

  async function next() {
    if (busy || closed || !wanted.size) return;
    busy = true;
    const [first] = wanted;
    try {
      const response = await fetch(url.replace("/1/", `/${first}/`), { headers: { "HX-Request": "true" } });
      if (response.ok) {
        wanted.delete(first);
        there.add(first);
        show((await response.json()).sheets);
      } else if (response.status === 503) await pause();
      else wanted.delete(first);
    } catch {
      await pause(); // offline: go on when it is back
    }
    busy = false;
    next();
  }

  const pause = () => new Promise((done) => setTimeout(done, PAUSE));

  function show(sheets) {
    for (const [page, data] of Object.entries(sheets)) {
      const image = root.querySelector(`[data-page="${page}"] img`);
      if (image) image.src = data;
    }
  }

  return {
    observe: (sheet) => observer.observe(sheet),
    close() {
      closed = true;
      observer.disconnect();
    },
  };
}
