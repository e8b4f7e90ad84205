import { describe, expect, test } from "vitest";

import { envelope, points } from "../src/draw/envelope";
import { Framing, plateBox, traceBox } from "../src/draw/framing";
import { balance, ellipseBox, EMPTY, fit, niceStep, px, py, serves, shown, steadyRange, ticks } from "../src/draw/geometry";
import { filled, trace } from "./traces";

describe("the plane", () => {
  const view = fit({ left: -10, right: 10, bottom: -5, top: 5 }, 400, 300, 50);

  test("right is right and forward is up", () => {
    expect(px(view, 1)).toBeGreaterThan(px(view, 0));
    expect(py(view, 1)).toBeLessThan(py(view, 0));
    expect([px(view, 0), py(view, 0)]).toEqual([200, 150]);
  });

  test("both axes have one scale, and the box is seen whole with its padding", () => {
    expect(px(view, 1) - px(view, 0)).toBeCloseTo(py(view, 0) - py(view, 1));
    expect(px(view, -10)).toBeCloseTo(50);
    expect(shown(view).left).toBeLessThan(-10);
  });

  test("a view serves until something leaves it or shrinks in it", () => {
    expect(serves(view, { left: -9, right: 9, bottom: -4, top: 4 }, 50, 0)).toBe(true);
    expect(serves(view, { left: -9, right: 60, bottom: -4, top: 4 }, 50, 0)).toBe(false);
    expect(serves(view, { left: -1, right: 1, bottom: -1, top: 1 }, 50, 0)).toBe(false);
  });

  test("the box of an ellipse holds its extremes", () => {
    expect(ellipseBox(0, 0, 10, 4, 0)).toEqual({ left: -10, right: 10, bottom: -4, top: 4 });
    const turned = ellipseBox(5, 7, 10, 4, Math.PI / 2);
    expect(turned.right).toBeCloseTo(9);
    expect(turned.top).toBeCloseTo(17);
  });

  test.each([
    [0.03, 0.05],
    [1, 1],
    [1.2, 2],
    [7, 10],
    [20, 20],
  ])("a step of at least %f is %f", (least, step) => {
    expect(niceStep(least)).toBeCloseTo(step);
  });

  test("an axis keeps its range while it holds the values, and follows them when it must", () => {
    const first = steadyRange(-3, 4, 20, null);
    expect(first[0]).toBeLessThanOrEqual(-3);
    expect(steadyRange(-5, 5, 20, first)).toEqual(first);
    expect(steadyRange(-5, 80, 20, first)[1]).toBeGreaterThanOrEqual(80);
    expect(steadyRange(0, 1, 20, [-500, 500])[1]).toBeLessThan(100);
  });
});

test.each([
  [-10, 10, [-10, 0, 10]],
  [-15, 10, [-10, 0, 10]],
  [480, 580, [500, 550]],
  [0, 1000, [0, 500, 1000]],
])("an axis from %d to %d has the ticks %j", (low, high, expected) => {
  expect(ticks(low, high)).toEqual(expected);
});

describe("framing", () => {
  const plate = plateBox([-200, 200], [-150, 150]);

  test("shows the whole plate while nobody stands on it", () => {
    const box = shown(new Framing().next("fit", EMPTY, plate, 500, 400, 0, true));
    expect(box.left).toBeLessThan(-200);
    expect(box.top).toBeGreaterThan(150);
  });

  test("does not move for what it already shows", () => {
    const framing = new Framing();
    const first = framing.next("fit", { left: -9, right: 9, bottom: -9, top: 9 }, plate, 500, 400, 0, true);
    const next = framing.next("fit", { left: -9, right: 10, bottom: -9, top: 9 }, plate, 500, 400, 1, true);
    expect(next).toEqual(first);
  });

  test("glides, unless less motion is wanted", () => {
    const far = { left: 80, right: 99, bottom: -9, top: 9 };
    const [gliding, jumping] = [new Framing(), new Framing()];
    for (const framing of [gliding, jumping]) {
      framing.next("fit", { left: -9, right: 9, bottom: -9, top: 9 }, plate, 500, 400, 0, true);
    }
    expect(gliding.next("fit", far, plate, 500, 400, 0.016, false).x).toBeLessThan(20);
    expect(jumping.next("fit", far, plate, 500, 400, 0.016, true).x).toBeCloseTo(89.5);
  });

  test("nobody on the board leaves no box", () => {
    const box = traceBox(filled(trace(0, 5, { x: () => null })), 0);
    expect(box).toEqual(EMPTY);
  });
});

describe("balance", () => {
  const x = [-200, 200, -200, 200];
  const y = [150, 150, -150, -150];

  test("shares the force between the sides", () => {
    expect(balance([0, 100, 0, 300], x, y)).toEqual({ right: 1, front: 0.25 });
    expect(balance([100, 100, 100, 100], x, y)).toEqual({ right: 0.5, front: 0.5 });
  });

  test("is unknown without force or without cells", () => {
    expect(balance([0, 0, 0, 0], x, y)).toBeNull();
    expect(balance([-1, -2, 0, 0], x, y)).toBeNull();
    expect(balance([1, 2], [], [])).toBeNull();
  });
});

describe("envelope", () => {
  const drawn = points();

  test("keeps every extreme", () => {
    const peak = filled(trace(0, 1000, { x: (i) => (i === 517 ? 99 : i === 201 ? -7 : 0) }));
    envelope(peak, "x", 0, 110, 0.5, drawn);
    expect(drawn.v).toContain(99);
    expect(drawn.v).toContain(-7);
    expect([drawn.low, drawn.high]).toEqual([-7, 99]);
    expect(drawn.t.length).toBeLessThan(100);
    expect([...drawn.t].sort((a, b) => a - b)).toEqual(drawn.t);
  });

  test("a short block of few samples is drawn as it is", () => {
    envelope(filled(trace(0, 4)), "x", 0, 100, 0.001, drawn);
    expect(drawn.v).toEqual([0, 1, 2, 3]);
    expect(drawn.t[3]).toBeCloseTo(0.03);
  });

  test("a gap breaks the line, however wide the buckets", () => {
    envelope(filled(trace(0, 50), trace(60, 50, { missed: 10 })), "x", 0, 101, 0.3, drawn);
    expect(drawn.v.filter((value) => value === null)).toHaveLength(1);
  });

  test("nobody on the board draws nothing", () => {
    envelope(filled(trace(0, 50, { x: () => null })), "x", 0, 101, 0.1, drawn);
    expect(drawn.v.every((value) => value === null)).toBe(true);
    expect(drawn.low).toBe(Infinity);
  });
});
