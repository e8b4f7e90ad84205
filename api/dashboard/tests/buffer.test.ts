import { describe, expect, test } from "vitest";

import { TraceBuffer } from "../src/live/buffer";
import { columns, filled, trace } from "./traces";

describe("TraceBuffer", () => {
  test("any cutting into blocks gives the same samples", () => {
    const whole = filled(trace(0, 20));
    const cut = filled(trace(0, 3), trace(3, 1), trace(4, 16));
    expect(columns(cut)).toEqual(columns(whole));
    expect(columns(whole).breaks).toEqual([]);
  });

  test("keeps the newest samples when it is full", () => {
    const buffer = new TraceBuffer(8);
    for (let i = 0; i < 20; i++) buffer.push(trace(i, 1), 100);
    expect(columns(buffer).x).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
    expect(buffer.total).toBe(20);
  });

  test("breaks the line where samples were counted as lost", () => {
    expect(columns(filled(trace(0, 3), trace(5, 3, { missed: 2 }))).breaks).toEqual([3]);
  });

  test("breaks the line where the numbers do not follow, as after a restart of the station", () => {
    expect(columns(filled(trace(100, 3), trace(0, 3, { t0: 200 }))).breaks).toEqual([3]);
  });

  test("breaks the line where time steps although the numbers follow", () => {
    expect(columns(filled(trace(0, 3), trace(3, 3, { t0: 101 }))).breaks).toEqual([3]);
  });

  test("nobody on the board is not a number, and never zero", () => {
    const buffer = filled(trace(0, 3, { x: () => null }));
    expect(columns(buffer).x).toEqual([NaN, NaN, NaN]);
    expect(buffer.latest?.x).toBeNaN();
    expect(buffer.force(0)).toBe(700);
  });

  test("samples that are older than the newest are ignored", () => {
    const buffer = filled(trace(10, 5), trace(0, 5));
    expect(buffer.length).toBe(5);
    expect(buffer.latest?.x).toBe(14);
  });

  test("finds the first sample at or after a time", () => {
    const buffer = filled(trace(0, 100));
    expect(buffer.since(100.5)).toBe(50);
    expect(buffer.since(0)).toBe(0);
    expect(buffer.since(999)).toBe(100);
  });

  test("a clone stands still", () => {
    const buffer = filled(trace(0, 3));
    const clone = buffer.clone();
    buffer.push(trace(3, 3), 100);
    expect(columns(clone).x).toEqual([0, 1, 2]);
  });
});
