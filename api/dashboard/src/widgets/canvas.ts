/** A canvas that is as sharp as the screen and follows its box. */

/** Keep the canvas's bitmap equal to its box times the screen's density; `resized` is told the size in CSS pixels. */
export function sharp(canvas: HTMLCanvasElement, resized: (width: number, height: number) => void): () => void {
  const adapt = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const density = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.getContext("2d")?.setTransform(density, 0, 0, density, 0, 0);
    resized(width, height);
  };
  const observer = new ResizeObserver(adapt);
  observer.observe(canvas);
  adapt();
  return () => observer.disconnect();
}

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the reader asked for less motion. */
export function lessMotion(): boolean {
  return reduced.matches;
}
