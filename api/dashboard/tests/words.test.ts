import { describe, expect, test } from "vitest";

import { en, type Key } from "../src/i18n/en";
import { bestLanguage, LANGUAGES, say } from "../src/i18n/words";

const keys = Object.keys(en) as Key[];
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe.each(Object.entries(LANGUAGES))("%s", (_, words) => {
  test("has exactly the keys of English", () => {
    expect(Object.keys(words).sort()).toEqual([...keys].sort());
  });

  test("has words for each of them, with the same placeholders", () => {
    expect(keys.filter((key) => words[key].trim() === "")).toEqual([]);
    const differing = keys.filter((key) => placeholders(words[key]).join() !== placeholders(en[key]).join());
    expect(differing).toEqual([]);
  });
});

test("placeholders are filled", () => {
  expect(say("de", "board.serial", { serial: "7" })).toBe("Seriennummer 7");
  expect(say("en", "board.serial")).toBe("Serial {serial}");
});

test.each([
  [["de-AT", "en"], "de"],
  [["ja", "fr-CA"], "fr"],
  [["ja"], "en"],
  [[], "en"],
])("who reads %j gets %s", (wanted, language) => {
  expect(bestLanguage(wanted)).toBe(language);
});
