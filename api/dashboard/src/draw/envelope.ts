/** Thousands of samples to as many points as a chart has room for. */

import type { TraceBuffer } from "../live/buffer";

export type Column = "x" | "y" | "force";

/** Times and values for a chart; null breaks the line. The arrays are reused from frame to frame. */
export interface Points {
  t: number[];
  v: (number | null)[];
  low: number;
  high: number;
}

export function points(): Points {
  return { t: [], v: [], low: Infinity, high: -Infinity };
}

/**
 * Fill `out` with `column` of `buffer` from `from` on (station seconds, given out relative to `origin`).
 *
 * Buckets stand still in time while the chart moves, so that nothing shimmers. A bucket of more than two samples
 * gives its smallest and largest in their order; every extreme and every break of the line stays visible.
 */
export function envelope(
  buffer: TraceBuffer,
  column: Column,
  from: number,
  origin: number,
  bucket: number,
  out: Points,
): void {
  out.low = Infinity;
  out.high = -Infinity;
  let n = 0;
  const put = (t: number, v: number | null): void => {
    out.t[n] = t - origin;
    out.v[n++] = v;
  };
  const end = buffer.length;
  let i = buffer.since(from);
  while (i < end) {
    const number = Math.floor(buffer.t(i) / bucket);
    let count = 0;
    let low = Infinity;
    let high = -Infinity;
    let lowAt = 0;
    let highAt = 0;
    const first = i;
    let broken = false;
    for (; i < end && Math.floor(buffer.t(i) / bucket) === number; i++) {
      const value = buffer[column](i);
      broken ||= buffer.breaks(i) || Number.isNaN(value);
      if (!Number.isNaN(value)) count += 1;
      if (value < low) {
        low = value;
        lowAt = i;
      }
      if (value > high) {
        high = value;
        highAt = i;
      }
    }
    const start = buffer.t(first);
    if (broken) put(start, null);
    if (count === 0) continue;
    out.low = Math.min(out.low, low);
    out.high = Math.max(out.high, high);
    if (lowAt === highAt) {
      put(buffer.t(lowAt), low);
    } else {
      const [a, b] = lowAt < highAt ? [lowAt, highAt] : [highAt, lowAt];
      put(buffer.t(a), buffer[column](a));
      put(buffer.t(b), buffer[column](b));
    }
  }
  out.t.length = n;
  out.v.length = n;
}
