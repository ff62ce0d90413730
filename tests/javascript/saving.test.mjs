import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FakeStorage, pretendToBeABrowser } from "./browser.mjs";

const LINE = { saving: "Saving", saved: "Saved {time}", unsaved: "Not saved", failed: "Failed" };
const storage = new FakeStorage();
pretendToBeABrowser({ person: "1", storage }); // kept.js asks once who is signed in
const { Saving } = await import("../../static/review/saving.js");

let requests;
let sentence;
let warns;

beforeEach(() => {
  for (const name of Object.keys(storage)) storage.removeItem(name);
  pretendToBeABrowser({ person: "1", storage });
  requests = [];
  const classList = {
    toggle(_name, on) {
      warns = on;
    },
  };
  const span = {
    set textContent(text) {
      sentence = text;
    },
  };
  document.getElementById = () => ({ dataset: LINE, classList, querySelector: () => span });
});

function reply(...responses) {
  globalThis.fetch = async (_address, { body }) => {
    requests.push(JSON.parse(body));
    const response = responses.length > 1 ? responses.shift() : responses[0];
    if (response === null) throw new TypeError("no connection");
    return { status: 200, ok: true, redirected: false, ...response };
  };
}

function saving(onReply = () => {}) {
  const form = { dataset: { key: "a", value: "/value/", change: "3" }, querySelector: () => ({ value: "token" }) };
  const made = new Saving(form);
  made.start(onReply);
  return made;
}

test("answers are sent one after the other, with the last change that is known", async () => {
  reply({});
  const replied = [];
  const queue = saving(async (answer) => {
    replied.push(answer.path);
    queue.change += 1;
  });

  queue.send({ do: "set", path: "total", text: "5", version: 0 });
  await queue.send({ do: "set", path: "date", text: "6", version: 0 });

  assert.deepEqual(replied, ["total", "date"]);
  assert.deepEqual(
    requests.map(({ path, change }) => [path, change]),
    [
      ["total", 3],
      ["date", 4],
    ],
  );
});

test("an answer that waited builds on the version that the one before it made", async () => {
  reply({});
  const queue = saving(async (answer) => queue.made.set(answer.path, answer.version + 1));

  queue.send({ do: "set", path: "total", text: "5", version: 4 });
  await queue.send({ do: "set", path: "total", text: "6", version: 4 });

  assert.deepEqual(
    requests.map(({ version }) => version),
    [4, 5],
  );
});

test("what was not answered is kept, and sent by the next page", async () => {
  globalThis.fetch = () => new Promise(() => {});
  saving().send({ do: "set", path: "total", text: "5", version: 0 });
  await new Promise(setImmediate);
  reply({});

  await saving().quiet();

  assert.deepEqual(
    requests.map(({ path, text }) => [path, text]),
    [["total", "5"]],
  );
  assert.deepEqual(Object.keys(storage), []);
});

test("a lost connection is tried again until the server answers, and said meanwhile", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  reply(null, null, {}); // each try is made twice, for browsers limit requests that outlive their page
  const queue = saving();
  const sent = queue.send({ do: "set", path: "total", text: "5", version: 0 });
  while (queue.failures === 0) await new Promise(setImmediate);
  assert.equal(sentence, "Not saved");
  assert.equal(warns, true);
  assert.equal(queue.awaits("total"), true);

  context.mock.timers.tick(1000);
  await sent;

  assert.equal(requests.length, 3);
  assert.equal(queue.failures, 0);
  assert.equal(queue.awaits("total"), false);
});

test("what must not happen twice carries an id, and what may does not", async () => {
  reply({});
  const queue = saving();

  await queue.send({ do: "add", path: "lines" });
  await queue.send({ do: "set", path: "total", text: "5" });

  assert.match(requests[0].id, /^[0-9a-f-]{36}$/);
  assert.equal("id" in requests[1], false);
});

test("when the page goes, one answer for each value is sent beside the one on its way", async () => {
  globalThis.fetch = (_address, { body }) => {
    requests.push(JSON.parse(body));
    return new Promise(() => {});
  };
  const queue = saving();
  for (const [path, text] of Object.entries({ total: "5", date: "6" })) queue.send({ do: "set", path, text });
  queue.send({ do: "undo" });
  queue.send({ do: "set", path: "date", text: "7" });
  await new Promise(setImmediate);

  queue.hurry();

  assert.deepEqual(
    requests.map(({ text }) => text),
    ["5", "6"],
  );
});
