import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { names, read, remove, write } from "../../static/storage.js";
import { FakeStorage, pretendToBeABrowser } from "./browser.mjs";

beforeEach(() => pretendToBeABrowser());

test("what was written is read again until it is removed", () => {
  write("panes", { review: 40 });

  assert.deepEqual(read("panes"), { review: 40 });
  remove("panes");
  assert.equal(read("panes"), null);
});

test("names are found by how they begin", () => {
  write("kept:1", 1);
  write("kept:2", 2);
  write("other", 3);

  assert.deepEqual(names("kept:"), ["kept:1", "kept:2"]);
});

test("what is no JSON counts as nothing", () => {
  pretendToBeABrowser({ storage: new FakeStorage({ panes: "{" }) });

  assert.equal(read("panes"), null);
});

test("a browser without storage neither fails nor finds anything", () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("denied");
    },
  });

  write("panes", 1);
  remove("panes");
  assert.equal(read("panes"), null);
  assert.deepEqual(names(""), []);
});

test("a full storage keeps nothing and does not fail", () => {
  const storage = pretendToBeABrowser();
  storage.setItem = () => {
    throw new Error("full");
  };

  write("panes", 1);

  assert.equal(read("panes"), null);
});
