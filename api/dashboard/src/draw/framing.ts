/** Which part of the plane the stabilogram shows. */

import type { TraceBuffer } from "../live/buffer";
import type { Sway } from "../types";
import { approach, around, ellipseBox, EMPTY, fit, isEmpty, serves, type Box, type View } from "./geometry";

export type Zoom = "fit" | "plate";

/** Pixels kept free around what is shown: the words at the edges stand there. */
const PADDING = 30;

/** Never zoom in further than this many mm across: noise is no movement. */
const SPAN = 16;

/** mm shown each way of the centre when the plate's size is not known. */
const UNKNOWN = 150;

/** Share of the way to a new view that is gone in a second is 1 - e^-SPEED. */
const SPEED = 5;

/** The box around the valid samples from `from` on. */
export function traceBox(buffer: TraceBuffer, from: number): Box {
  const box = { ...EMPTY };
  for (let i = buffer.since(from); i < buffer.length; i++) {
    const x = buffer.x(i);
    const y = buffer.y(i);
    if (x < box.left) box.left = x;
    if (x > box.right) box.right = x;
    if (y < box.bottom) box.bottom = y;
    if (y > box.top) box.top = y;
  }
  return box;
}

/** The box around the figures' ellipse; empty where there is none. */
export function swayBox(sway: Sway | null): Box {
  if (!sway || sway.mean_ml === null || sway.mean_ap === null) return EMPTY;
  if (sway.ellipse_major === null || sway.ellipse_minor === null) return EMPTY;
  return ellipseBox(sway.mean_ml, sway.mean_ap, sway.ellipse_major, sway.ellipse_minor, sway.ellipse_angle ?? 0);
}

export function plateBox(x: readonly number[], y: readonly number[]): Box {
  if (x.length === 0 || y.length === 0) return around([0], [0], UNKNOWN);
  const margin = 0.08 * Math.min(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y));
  return around(x, y, Math.max(margin, 10));
}

/** A view that follows what it is asked to show, without trembling: it moves only when what it has no longer serves. */
export class Framing {
  #goal: View | null = null;
  #view: View | null = null;

  /** The view for this frame, `seconds` after the one before; `still`: jump instead of gliding. */
  next(zoom: Zoom, trace: Box, plate: Box, width: number, height: number, seconds: number, still: boolean): View {
    const whole = zoom === "plate" || isEmpty(trace);
    const box = whole ? plate : trace;
    const span = whole ? 0 : SPAN;
    const same = this.#goal !== null && this.#goal.width === width && this.#goal.height === height;
    const goal =
      this.#goal && same && !whole && serves(this.#goal, box, PADDING, span)
        ? this.#goal
        : fit(box, width, height, whole ? PADDING : PADDING * 1.3, span);
    this.#goal = goal;
    const jump = still || !this.#view || !same;
    this.#view = jump ? goal : approach(this.#view!, goal, 1 - Math.exp(-SPEED * seconds));
    return this.#view;
  }
}
