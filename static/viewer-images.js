// Page images: pages that are still being rendered, and high-resolution versions for zooming.

const SHARP_AT_MOST = 4;

export class Images {
  constructor(viewer) {
    this.viewer = viewer;
    this.sharp = new Map(); // sheet → "asked", "shown" or "missing"
    if (viewer.section.dataset.pages) this.wait();
  }

  // Polls for pages that the worker has not rendered yet.
  async wait() {
    while (this.viewer.section.isConnected) {
      await new Promise((wake) => setTimeout(wake, 2000));
      if (document.hidden) continue;
      const response = await fetch(this.viewer.section.dataset.pages).catch(() => null);
      if (response?.status === 403 || response?.status === 404 || response?.redirected) return;
      if (!response?.ok) continue;
      const { pages, more } = await response.json();
      for (const page of pages) this.fill(page);
      if (!more) return;
    }
  }

  fill({ number, width, height }) {
    const sheet = this.viewer.section.querySelector(`.sheet-waiting[data-page="${number}"]`);
    if (!sheet) return;
    const image = (size) => {
      const made = new Image(width, height);
      made.loading = "lazy";
      made.alt = "";
      made.src = sheet.dataset.image + size;
      return made;
    };
    Object.assign(sheet.dataset, { width, height });
    sheet.style.setProperty("--w", width);
    sheet.style.setProperty("--h", height);
    sheet.classList.remove("sheet-waiting");
    const page = image("");
    page.alt = sheet.querySelector(".sheet-word").textContent.trim();
    sheet.querySelector(".sheet-word").replaceWith(page);
    this.viewer.section.querySelector(`[data-rail="${number}"] .rail-waiting`)?.replaceWith(image("?size=small"));
    this.viewer.measure();
  }

  // High resolution: rendered by the worker on first request.

  sharpenSoon() {
    clearTimeout(this.sharpening);
    this.sharpening = setTimeout(() => this.sharpen(), 250);
  }

  sharpen() {
    for (const sheet of this.viewer.seen) {
      const image = sheet.querySelector("img");
      const shown = sheet.querySelector(".face").offsetWidth * devicePixelRatio;
      if (image && !this.sharp.has(sheet) && shown > sheet.dataset.width * 1.15) this.fetchSharp(sheet, image);
    }
    const out = this.viewer.sheets.filter((sheet) => this.sharp.get(sheet) === "shown" && !this.viewer.seen.has(sheet));
    for (const sheet of out.slice(SHARP_AT_MOST)) {
      sheet.querySelector("img").src = sheet.dataset.image;
      this.sharp.delete(sheet);
    }
  }

  async fetchSharp(sheet, image) {
    this.sharp.set(sheet, "asked");
    const address = `${sheet.dataset.image}?size=sharp`;
    for (let tries = 0; tries < 20 && this.viewer.section.isConnected; tries += 1) {
      const response = await fetch(address).catch(() => null);
      if (response?.status === 200) {
        const sharp = new Image();
        sharp.src = address;
        await sharp.decode().catch(() => null);
        image.src = address;
        this.sharp.set(sheet, "shown");
        return;
      }
      if (response?.status !== 202) break;
      await new Promise((wake) => setTimeout(wake, 500 + 250 * tries));
    }
    this.sharp.set(sheet, "missing");
  }
}
