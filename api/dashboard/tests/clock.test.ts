import { describe, expect, test } from "vitest";

import { StationClock } from "../src/live/clock";
import { age, freshness, STALE_AFTER, TICK } from "../src/live/freshness";

describe("StationClock", () => {
  test("knows nothing before the first message", () => {
    expect(new StationClock().at(5)).toBeNaN();
  });

  test("the shortest delay decides", () => {
    const clock = new StationClock();
    clock.observe(1000, 10.3);
    clock.observe(1001, 11.02);
    clock.observe(1002, 12.5);
    expect(clock.at(20)).toBeCloseTo(1009.98, 9);
  });

  test("an old minimum is forgotten, so that drift is followed", () => {
    const clock = new StationClock();
    for (let s = 0; s < 200; s++) clock.observe(1000 + s, s * 1.001 + 0.01);
    expect(Math.abs(clock.at(199 * 1.001) - 1199)).toBeLessThan(0.1);
  });

  test("a clock that began anew is told and believed", () => {
    const clock = new StationClock();
    expect(clock.observe(5000, 1)).toBe(false);
    expect(clock.observe(3, 2)).toBe(true);
    expect(clock.at(4)).toBeCloseTo(5, 9);
  });
});

describe("freshness", () => {
  const arrival = { at: 10, sample: 1000 };

  test("age is the larger of the time since arrival and the age by the station's clock", () => {
    expect(age(arrival, 10.2, 1000.5)).toBeCloseTo(0.5);
    expect(age(arrival, 10.4, 1000.1)).toBeCloseTo(0.4);
    expect(age(arrival, 10.4, NaN)).toBeCloseTo(0.4);
  });

  test("a screen shows within one second that data is stale", () => {
    expect(STALE_AFTER + TICK).toBeLessThan(1);
  });

  test("is live only while connected, streaming and young", () => {
    expect(freshness(0.1, "streaming", true)).toBe("live");
    expect(freshness(0.1, "streaming", false)).toBe("stale");
    expect(freshness(0.1, "silent", true)).toBe("stale");
    expect(freshness(0.8, "streaming", true)).toBe("stale");
    expect(freshness(NaN, "streaming", true)).toBe("none");
  });
});
