// The little of a browser that modules need to be loaded outside one.

export class FakeStorage {
  constructor(entries = {}) {
    Object.assign(this, entries);
  }

  getItem(name) {
    return Object.hasOwn(this, name) ? this[name] : null;
  }

  setItem(name, value) {
    this[name] = String(value);
  }

  removeItem(name) {
    delete this[name];
  }
}

export function pretendToBeABrowser({ lang = "en", person, storage = new FakeStorage() } = {}) {
  const listeners = new EventTarget();
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  globalThis.document = Object.assign(listeners, { documentElement: { lang, dataset: person ? { person } : {} } });
  globalThis.window = new EventTarget();
  return storage;
}
