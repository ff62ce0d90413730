// The pictures of the pages: those that are drawn by and by, and the sharp ones for a closer look.

const SHARP_AT_MOST = 4;

export class Images {
  constructor(viewer) {
    this.viewer = viewer;
    if (viewer.section.dataset.pages) this.wait();
  }

  // Pages that the worker has not drawn yet come by and by.
  async wait() {
    while (this.viewer.section.isConnected) {
      await new Promise((wake) => setTimeout(wake, 2000));
      if (document.hidden) continue;
      const answer = await fetch(this.viewer.section.dataset.pages).catch(() => null);
      if (answer?.status === 403 || answer?.status === 404 || answer?.redirected) return;
      if (!answer?.ok) continue;
      const { pages, more } = await answer.json();
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

  // A closer look: the worker draws the page sharp when it is first asked for.

  sharpenSoon() {
    clearTimeout(this.sharpening);
    this.sharpening = setTimeout(() => this.sharpen(), 250);
  }

  sharpen() {
    for (const sheet of this.viewer.seen) {
      const image = sheet.querySelector("img");
      const shown = sheet.querySelector(".face").offsetWidth * devicePixelRatio;
      if (image && !sheet.dataset.sharp && shown > sheet.dataset.width * 1.15) this.fetchSharp(sheet, image);
    }
    const sharp = this.viewer.sheets.filter((sheet) => sheet.dataset.sharp === "shown" && !this.viewer.seen.has(sheet));
    for (const sheet of sharp.slice(SHARP_AT_MOST)) {
      sheet.querySelector("img").src = sheet.dataset.image;
      delete sheet.dataset.sharp;
    }
  }

  async fetchSharp(sheet, image) {
    sheet.dataset.sharp = "asked";
    const address = `${sheet.dataset.image}?size=sharp`;
    for (let tries = 0; tries < 20 && this.viewer.section.isConnected; tries += 1) {
      const answer = await fetch(address).catch(() => null);
      if (answer?.status === 200) {
        const sharp = new Image();
        sharp.src = address;
        await sharp.decode().catch(() => null);
        image.src = address;
        sheet.dataset.sharp = "shown";
        return;
      }
      if (answer?.status !== 202) break;
      await new Promise((wake) => setTimeout(wake, 500 + 250 * tries));
    }
    sheet.dataset.sharp = "missing";
  }
}
