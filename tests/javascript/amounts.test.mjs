import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { duration } from "../../static/duration.js";
import { newKey } from "../../static/new-key.js";
import { speedometer } from "../../static/upload/speed.js";
import { size, speed } from "../../static/upload/units.js";
import { pretendToBeABrowser } from "./browser.mjs";

beforeEach(() => pretendToBeABrowser());

test("durations have at most two units", () => {
  const words = {
    0: "0 s",
    9.4: "9 s",
    60: "1 min",
    112: "1 min 52 s",
    7500: "2 h 5 min",
    86400: "24 h",
    259200: "3 d",
  };

  for (const [seconds, word] of Object.entries(words)) assert.equal(duration(Number(seconds)), word);
  document.documentElement.lang = "fr";
  assert.equal(duration(259200), "3 j");
});

test("sizes are bytes, kilobytes and megabytes", () => {
  assert.equal(size(4), "4 bytes");
  assert.equal(size(1500), "1.5 kB");
  assert.equal(size(155_000), "155 kB");
  assert.equal(size(1_700_000), "1.7 MB");
  assert.equal(speed(2_500_000), "2.5 MB/s");
});

test("the speed is that of the last four seconds, and nothing at first", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const read = speedometer();

  now = 500;
  assert.equal(read(1_000_000), "");
  now = 1000;
  assert.equal(read(1_000_000), " · 1 MB/s");
  now = 5000;
  assert.equal(read(3_000_000), " · 500 kB/s");
});

test("keys are random UUIDs of version 4", () => {
  const keys = Array.from({ length: 50 }, newKey);

  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(keys).size, keys.length);
});
