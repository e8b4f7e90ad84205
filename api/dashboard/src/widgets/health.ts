/** How good a stream is, in words; the limits with their reasons. */

import type { Key } from "../i18n/words";

export type Tone = "good" | "fair" | "bad" | "unknown";

export const TONE_WORDS: Record<Tone, Key> = {
  good: "health.good",
  fair: "health.fair",
  bad: "health.bad",
  unknown: "health.unknown",
};

function graded(value: number, good: number, fair: number): Tone {
  if (!Number.isFinite(value)) return "unknown";
  return value <= good ? "good" : value <= fair ? "fair" : "bad";
}

/** Within 2 % of nominal the figures do not notice; beyond 10 % filters and windows are wrong. */
export function rateTone(rate: number, nominal: number): Tone {
  return nominal > 0 ? graded(Math.abs(rate / nominal - 1), 0.02, 0.1) : "unknown";
}

/** Against the sampling interval: below half of it the order of samples is beyond doubt. */
export function jitterTone(milliseconds: number, nominal: number): Tone {
  return nominal > 0 ? graded((milliseconds * nominal) / 1000, 0.5, 2) : "unknown";
}

/** Arrivals that stray by less than a sampling interval leave no doubt of when a sample was taken; a jump does. */
export function clockTone(residual: number, nominal: number, jumps: number): Tone {
  return jumps > 0 ? "fair" : jitterTone(residual, nominal);
}

/** A lost sample is a gap in the record; one in a thousand is a fault. */
export function lostTone(lost: number, samples: number): Tone {
  return samples + lost > 0 ? graded(lost / (samples + lost), 0, 0.001) : "unknown";
}

/** Completion to hub: 15 ms is the station's own promise, 44 ms the delay that people notice in feedback. */
export function latencyTone(p99: number): Tone {
  return graded(p99, 15, 44);
}

/** Sample to screen, seconds; above 100 ms feedback changes sway itself. */
export function ageTone(seconds: number): Tone {
  return graded(seconds, 0.1, 0.25);
}
