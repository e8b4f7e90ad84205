/** Millimetres to pixels, and the figures drawn in them. No canvas in here. */

export interface Box {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** A view of the plane: `scale` pixels per mm, (`x`, `y`) mm in the middle of `width` x `height` pixels. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

export const EMPTY: Box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };

export function isEmpty(box: Box): boolean {
  return !(box.left <= box.right && box.bottom <= box.top);
}

/** The smallest box around both. */
export function union(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
    top: Math.max(a.top, b.top),
  };
}

export function around(x: readonly number[], y: readonly number[], margin = 0): Box {
  return {
    left: Math.min(...x) - margin,
    right: Math.max(...x) + margin,
    bottom: Math.min(...y) - margin,
    top: Math.max(...y) + margin,
  };
}

/** The box around an ellipse with semi-axes `a` and `b` mm whose major axis stands at `angle` to +x. */
export function ellipseBox(x: number, y: number, a: number, b: number, angle: number): Box {
  const dx = Math.hypot(a * Math.cos(angle), b * Math.sin(angle));
  const dy = Math.hypot(a * Math.sin(angle), b * Math.cos(angle));
  return { left: x - dx, right: x + dx, bottom: y - dy, top: y + dy };
}

/** The view that shows `box` whole with `padding` pixels around it, and at least `span` mm each way. */
export function fit(box: Box, width: number, height: number, padding: number, span = 0): View {
  const wide = Math.max(box.right - box.left, span, 1e-6);
  const high = Math.max(box.top - box.bottom, span, 1e-6);
  const scale = Math.min(Math.max(width - 2 * padding, 1) / wide, Math.max(height - 2 * padding, 1) / high);
  return { x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2, scale, width, height };
}

/** Pixel column of `x` mm. */
export function px(view: View, x: number): number {
  return view.width / 2 + (x - view.x) * view.scale;
}

/** Pixel row of `y` mm; forward is up. */
export function py(view: View, y: number): number {
  return view.height / 2 - (y - view.y) * view.scale;
}

/** What the view shows, mm. */
export function shown(view: View): Box {
  const dx = view.width / 2 / view.scale;
  const dy = view.height / 2 / view.scale;
  return { left: view.x - dx, right: view.x + dx, bottom: view.y - dy, top: view.y + dy };
}

/** A round step, 1, 2 or 5 times a power of ten, at least `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = least / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

/** Whether `view` still serves `box`: it shows it whole and not lost in the middle. */
export function serves(view: View, box: Box, padding: number, span: number): boolean {
  const seen = shown(view);
  const whole =
    box.left >= seen.left && box.right <= seen.right && box.bottom >= seen.bottom && box.top <= seen.top;
  return whole && fit(box, view.width, view.height, padding, span).scale < view.scale * 1.5;
}

/** A step from `view` towards `goal`, the same for every frame rate: `fraction` of the way in (0, 1]. */
export function approach(view: View, goal: View, fraction: number): View {
  return {
    ...goal,
    x: view.x + (goal.x - view.x) * fraction,
    y: view.y + (goal.y - view.y) * fraction,
    scale: view.scale * (goal.scale / view.scale) ** fraction,
  };
}

/**
 * An axis range for values in [`low`, `high`], at least `span` long, on round limits. `current` is kept while it
 * holds the values and is not more than twice what they need, so that the axis does not breathe.
 */
export function steadyRange(
  low: number,
  high: number,
  span: number,
  current: readonly [number, number] | null,
): [number, number] {
  const needed = Math.max((high - low) * 1.2, span);
  if (current && low >= current[0] && high <= current[1] && current[1] - current[0] <= 2.5 * needed) {
    return [current[0], current[1]];
  }
  const step = niceStep(needed / 4);
  const middle = (low + high) / 2;
  return [Math.floor((middle - needed / 2) / step) * step, Math.ceil((middle + needed / 2) / step) * step];
}

/** Two to four round values within an axis. */
export function ticks(low: number, high: number): number[] {
  const step = niceStep((high - low) / 3);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => (first + i) * step);
}

export interface Balance {
  /** Share of the force on the right-hand and on the front cells, 0 to 1. */
  right: number;
  front: number;
}

/** How the force is shared between the sides of the plate; null where nothing pushes or the cells are unknown. */
export function balance(loads: readonly number[], x: readonly number[], y: readonly number[]): Balance | null {
  if (loads.length === 0 || loads.length !== x.length || loads.length !== y.length) return null;
  let total = 0;
  let right = 0;
  let front = 0;
  loads.forEach((newtons, i) => {
    const load = Math.max(newtons, 0);
    total += load;
    right += load * side(x[i]!);
    front += load * side(y[i]!);
  });
  return total > 0 ? { right: right / total, front: front / total } : null;
}

function side(position: number): number {
  return position > 0 ? 1 : position < 0 ? 0 : 0.5;
}
