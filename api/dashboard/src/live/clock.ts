/** The station's monotonic clock, read from here. */

/** Seconds after which an older, smaller delay is forgotten, so that drift of either clock is followed. */
const WINDOW = 30;

/** A step back of the station's clock by more than this means that the machine was started anew, seconds. */
const STEP = 1;

/**
 * Estimates the offset between this page's clock and the station's from the messages that carry `now`.
 *
 * The estimate is the smallest delay of the last 30 to 60 s: what it calls the station's time is late by the
 * shortest trip of a message, so ages are too small by that trip and never too large.
 */
export class StationClock {
  #previous = Infinity;
  #current = Infinity;
  #since = 0;
  #station = -Infinity;

  /** A message that says `now` (station seconds) arrived at `local` (page seconds); true if the station's clock began anew. */
  observe(now: number, local: number): boolean {
    const anew = now < this.#station - STEP;
    if (anew) this.#previous = this.#current = Infinity;
    if (local - this.#since > WINDOW) {
      this.#previous = this.#current;
      this.#current = Infinity;
      this.#since = local;
    }
    this.#station = now;
    this.#current = Math.min(this.#current, local - now);
    return anew;
  }

  get known(): boolean {
    return Math.min(this.#previous, this.#current) < Infinity;
  }

  /** Station seconds at `local` page seconds; NaN before the first message. */
  at(local: number): number {
    return this.known ? local - Math.min(this.#previous, this.#current) : NaN;
  }
}
