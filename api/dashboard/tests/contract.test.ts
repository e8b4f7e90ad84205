import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { SHAPES } from "../src/live/messages";

interface Schema {
  type?: string;
  enum?: unknown[];
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const { $defs } = JSON.parse(read("../../../docs/reference/live.schema.json")) as { $defs: Record<string, Schema> };

/** The schemas of what the station sends, by their type. */
const published = new Map(
  Object.values($defs)
    .filter((schema) => schema.properties?.["type"]?.enum && !schema.properties["token"])
    .map((schema) => [String(schema.properties!["type"]!.enum![0]), schema]),
);

/** The kind of JSON value that a schema asks for. */
function kind(schema: Schema): string {
  if (schema.$ref) return "object";
  if (schema.enum) return typeof schema.enum[0];
  return schema.type === "integer" ? "number" : String(schema.type);
}

test("every message of the station is understood, and no other", () => {
  expect([...published.keys()].sort()).toEqual(Object.keys(SHAPES).sort());
});

describe.each(Object.entries(SHAPES))("%s", (type, shape) => {
  test("has the published fields", () => {
    const properties = published.get(type)?.properties ?? {};
    expect(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, kind(schema)]))).toEqual(shape);
  });
});

/** The fields of each interface in types.ts; types are gone when tests run, so they are read from the text. */
const interfaces = new Map(
  [...read("../src/types.ts").matchAll(/interface (\w+) \{([^}]*)\}/g)].map(([, name, body]) => [
    name!,
    [...body!.matchAll(/^ {2}(\w+):/gm)].map(([, field]) => field!).sort(),
  ]),
);

test.each(["BoardState", "StreamHealth", "TareState", "RecordingState", "StationState", "ClockState", "Grid", "SeenBoard"])(
  "%s has the published fields",
  (name) => expect(interfaces.get(name)).toEqual(Object.keys($defs[name]!.properties!).sort()),
);

test("every figure is one of the kernel's", () => {
  const kernel = [...read("../../../dsp/sway.py").matchAll(/^ {4}(\w+): (?:int|float)$/gm)].map(([, field]) => field!);
  expect(kernel).toEqual(expect.arrayContaining(interfaces.get("Sway")!));
});
