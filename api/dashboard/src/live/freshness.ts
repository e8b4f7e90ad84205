/** Is what the screen shows still true? */

import type { BoardPhase } from "../types";

/** Data older than this is stale, seconds; a screen must show it within one second, and the ticks take their part of it. */
export const STALE_AFTER = 0.7;

/** Seconds between two looks at the age. */
export const TICK = 0.1;

/** none: nothing ever came · live · stale: it stopped coming, or comes late. */
export type Freshness = "none" | "live" | "stale";

export interface Arrival {
  /** Page seconds of the newest block's arrival; NaN before the first. */
  at: number;
  /** Station seconds of its newest sample. */
  sample: number;
}

/**
 * Age of the newest sample, seconds: from the station's clock, and never less than the time since it arrived.
 *
 * `now` are page seconds, `station` the station's seconds at `now` (NaN where unknown).
 */
export function age(arrival: Arrival, now: number, station: number): number {
  const since = now - arrival.at;
  const byClock = station - arrival.sample;
  return Math.max(since, Number.isNaN(byClock) ? 0 : byClock, 0);
}

/** `connected`: the link to the station is open. */
export function freshness(seconds: number, phase: BoardPhase, connected: boolean): Freshness {
  if (Number.isNaN(seconds)) return "none";
  return connected && phase === "streaming" && seconds <= STALE_AFTER ? "live" : "stale";
}
