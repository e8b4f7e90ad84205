import { TraceBuffer } from "../src/live/buffer";
import type { Trace } from "../src/types";

/** A block of `n` samples at `rate`, the first at `t0` with number `seq`; `x` gives the CoP of sample `i`. */
export function trace(
  seq: number,
  n: number,
  { t0 = 100 + seq / 100, rate = 100, missed = 0, x = (i: number): number | null => i } = {},
): Trace {
  const indices = Array.from({ length: n }, (_, i) => i);
  return {
    type: "trace",
    board: "b",
    seq,
    missed,
    t0,
    t: indices.map((i) => i / rate),
    x: indices.map((i) => x(seq + i)),
    y: indices.map((i) => x(seq + i)),
    force: indices.map(() => 700),
    loads: indices.map(() => [175, 175, 175, 175]),
    flags: indices.map((i) => (x(seq + i) === null ? 8 : 0)),
    left: indices.map((i) => (x(seq + i) === null ? null : 50)),
  };
}

export function filled(...blocks: Trace[]): TraceBuffer {
  const buffer = new TraceBuffer(1024);
  for (const block of blocks) buffer.push(block, 100);
  return buffer;
}

export function columns(buffer: TraceBuffer): { x: number[]; breaks: number[] } {
  const indices = Array.from({ length: buffer.length }, (_, i) => i);
  return { x: indices.map((i) => buffer.x(i)), breaks: indices.filter((i) => buffer.breaks(i)) };
}
