// Keeps the arrangement on the server as it changes, and the history of the file arranged last in this browser.

import { read, remove, write } from "../../storage.js";
import { ask } from "../asking.js";

const PAUSE = 400; // milliseconds without a change
const NAME = "pages";

export function makeKeeping(root, whenKept) {
  const { key } = root.dataset;
  let timer = null;
  let latest = null; // what is not kept yet
  let sending = Promise.resolve();

  async function send() {
    clearTimeout(timer);
    if (latest === null) return;
    const data = new FormData();
    const parts = latest;
    data.set("arrangement", JSON.stringify(parts));
    try {
      const response = await ask(root.dataset.arrange, data, { keepalive: true });
      if (response.ok && latest === parts) latest = null;
      whenKept(response.ok ? "" : "failed", response.status === 409 ? await response.text() : "");
    } catch {
      whenKept("failed", "");
    }
  }

  return {
    keep(parts, past) {
      latest = parts;
      clearTimeout(timer);
      timer = setTimeout(() => this.flush(), PAUSE);
      write(NAME, { key, past });
    },
    // Whether all is kept.
    async flush() {
      sending = sending.then(send);
      await sending;
      return latest === null;
    },
    past() {
      const found = read(NAME);
      return found?.key === key ? found.past : [];
    },
    forget: () => remove(NAME),
  };
}
