/** One animation loop for everything that draws. */

/** Draws what is to be seen at `local` page seconds. */
export type Draw = (local: number) => void;

const draws = new Set<Draw>();
let pending = 0;

function frame(milliseconds: number): void {
  pending = draws.size > 0 ? requestAnimationFrame(frame) : 0;
  for (const draw of draws) draw(milliseconds / 1000);
}

/** Call `draw` once per frame until the returned function is called. */
export function eachFrame(draw: Draw): () => void {
  draws.add(draw);
  pending ||= requestAnimationFrame(frame);
  return () => void draws.delete(draw);
}

/** Page seconds, of the same clock that `eachFrame` gives. */
export function pageSeconds(): number {
  return performance.now() / 1000;
}
