/** The newest samples of one board: a ring of typed columns, no object per sample. */

import { Flag, type Trace } from "../types";

/** Set in `gap` where the line must break before this sample. */
const BREAK = 1;

/** Shortest step that is a gap although the numbers follow, seconds: a busy host completes late and in bursts. */
const BURST = 0.5;

/** A gap in time is also longer than that many nominal intervals: a board may be slow. */
const LATE = 4;

export interface Latest {
  t: number;
  x: number;
  y: number;
  force: number;
  loads: readonly number[];
  flags: number;
  /** Percent of the force on the left; null where nobody knows. */
  left: number | null;
}

/** Holds at least `capacity` samples; `index` 0 is the oldest. CoP is NaN while nobody stands on the board. */
export class TraceBuffer {
  readonly capacity: number;
  readonly #t: Float64Array;
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  readonly #force: Float32Array;
  readonly #gap: Uint8Array;
  #head = 0;
  #length = 0;
  #next = -1;
  #latest: Latest | null = null;
  /** Samples ever taken. */
  total = 0;
  /** Times the line broke. */
  gaps = 0;

  constructor(capacity = 1 << 16) {
    this.capacity = capacity;
    this.#t = new Float64Array(capacity);
    this.#x = new Float32Array(capacity);
    this.#y = new Float32Array(capacity);
    this.#force = new Float32Array(capacity);
    this.#gap = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  get latest(): Latest | null {
    return this.#latest;
  }

  clear(): void {
    this.#head = this.#length = 0;
    this.#next = -1;
    this.#latest = null;
  }

  /** Take a block; `rate` is the board's nominal rate, 0 where unknown. Samples not newer than the newest are ignored. */
  push(block: Trace, rate: number): void {
    const n = Math.min(block.t.length, block.x.length, block.y.length, block.force.length);
    const torn = this.total > 0 && (block.missed > 0 || block.seq !== this.#next);
    const limit = rate > 0 ? Math.max(LATE / rate, BURST) : Infinity;
    let last = this.#latest?.t ?? -Infinity;
    for (let i = 0; i < n; i++) {
      const t = block.t0 + block.t[i]!;
      if (t < last) continue;
      const flagged = ((block.flags[i] ?? 0) & Flag.AFTER_GAP) !== 0;
      this.#append(t, block.x[i] ?? NaN, block.y[i] ?? NaN, block.force[i]!, (i === 0 && torn) || flagged || t - last > limit);
      last = t;
    }
    this.#next = block.seq + n;
    if (n > 0 && last > (this.#latest?.t ?? -Infinity)) this.#remember(block, n - 1);
  }

  #append(t: number, x: number, y: number, force: number, broken: boolean): void {
    const at = this.#head;
    const gap = broken && this.#length > 0;
    this.#t[at] = t;
    this.#x[at] = x;
    this.#y[at] = y;
    this.#force[at] = force;
    this.#gap[at] = gap ? BREAK : 0;
    this.#head = (at + 1) % this.capacity;
    this.#length = Math.min(this.#length + 1, this.capacity);
    this.total += 1;
    if (gap) this.gaps += 1;
  }

  #remember(block: Trace, i: number): void {
    this.#latest = {
      t: block.t0 + block.t[i]!,
      x: block.x[i] ?? NaN,
      y: block.y[i] ?? NaN,
      force: block.force[i]!,
      loads: block.loads[i] ?? [],
      flags: block.flags[i] ?? 0,
      left: block.left[i] ?? null,
    };
  }

  #slot(index: number): number {
    const slot = this.#head - this.#length + index;
    return slot < 0 ? slot + this.capacity : slot;
  }

  t(index: number): number {
    return this.#t[this.#slot(index)]!;
  }

  x(index: number): number {
    return this.#x[this.#slot(index)]!;
  }

  y(index: number): number {
    return this.#y[this.#slot(index)]!;
  }

  force(index: number): number {
    return this.#force[this.#slot(index)]!;
  }

  /** True where the line must not be drawn from the sample before to this one. */
  breaks(index: number): boolean {
    return this.#gap[this.#slot(index)] === BREAK;
  }

  /** Index of the first sample at or after `time`; `length` if there is none. */
  since(time: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.t(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** An independent copy, for a frozen display. */
  clone(): TraceBuffer {
    const copy = new TraceBuffer(this.capacity);
    copy.#t.set(this.#t);
    copy.#x.set(this.#x);
    copy.#y.set(this.#y);
    copy.#force.set(this.#force);
    copy.#gap.set(this.#gap);
    copy.#head = this.#head;
    copy.#length = this.#length;
    copy.#next = this.#next;
    copy.#latest = this.#latest;
    copy.total = this.total;
    copy.gaps = this.gaps;
    return copy;
  }
}
