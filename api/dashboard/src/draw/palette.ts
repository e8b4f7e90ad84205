/** The page's colours, for the canvases. */

const NAMES = ["surface", "sunken", "line", "line-strong", "text", "muted", "ml", "ap", "force", "point", "ellipse"] as const;

export type Palette = Readonly<Record<(typeof NAMES)[number] | "font", string>>;

/** Read them from the style of `element`; again after the theme changed. */
export function palette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { ...colours, font: `${Math.round(size * 0.75)}px ${style.fontFamily}` } as Palette;
}
