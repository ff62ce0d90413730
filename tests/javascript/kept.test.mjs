import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, pretendToBeABrowser } from "./browser.mjs";

let loads = 0;

// A page of its own: modules remember whose page it is.
function load(person, storage) {
  pretendToBeABrowser({ person, storage });
  loads += 1;
  return import(`../../static/kept.js?${loads}`);
}

test("what Alice wrote is hers on the next page", async () => {
  const storage = new FakeStorage();
  const page = await load("1", storage);
  page.keep("review/a", "value:total", { text: "5" });

  const next = await load("1", storage);

  assert.equal(next.kept("review/a", "value:total").text, "5");
  assert.deepEqual(
    next.keptAt("review/a").map(([name]) => name),
    ["value:total"],
  );
  assert.deepEqual(next.keptAt("review/b"), []);
  next.drop("review/a", "value:total");
  assert.equal(next.kept("review/a", "value:total"), null);
});

test("it is gone when somebody else signs in, and stays while nobody does", async () => {
  const storage = new FakeStorage();
  (await load("1", storage)).keep("review/a", "comment", { text: "hm" });

  await load(undefined, storage);
  assert.equal((await load("1", storage)).kept("review/a", "comment").text, "hm");
  await load("2", storage);

  assert.equal((await load("1", storage)).kept("review/a", "comment"), null);
});

test("it is gone when its writer has signed out", async () => {
  const storage = new FakeStorage();
  (await load("1", storage)).keep("review/a", "comment", { text: "hm" });
  const signOut = new Event("submit");
  Object.defineProperty(signOut, "target", { value: { matches: () => true } });
  document.dispatchEvent(signOut);

  await load(undefined, storage);

  assert.deepEqual(Object.keys(storage), []);
});

test("it is gone after two weeks", async (context) => {
  const storage = new FakeStorage();
  context.mock.timers.enable({ apis: ["Date"], now: 0 });
  (await load("1", storage)).keep("review/a", "comment", { text: "hm" });

  context.mock.timers.setTime(13 * 24 * 3600 * 1000);
  assert.ok((await load("1", storage)).kept("review/a", "comment"));
  context.mock.timers.setTime(14 * 24 * 3600 * 1000);

  assert.equal((await load("1", storage)).kept("review/a", "comment"), null);
});

test("nothing is kept of somebody who is not signed in", async () => {
  const storage = new FakeStorage();
  const page = await load(undefined, storage);

  page.keep("review/a", "comment", { text: "hm" });

  assert.deepEqual(Object.keys(storage), []);
  assert.equal(page.kept("review/a", "comment"), null);
});
