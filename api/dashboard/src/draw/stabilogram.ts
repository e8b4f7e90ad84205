/** The stabilogram on a canvas: plate, grid, trace, ellipse, point. */

import type { TraceBuffer } from "../live/buffer";
import type { Sway } from "../types";
import { niceStep, px, py, shown, type View } from "./geometry";
import type { Palette } from "./palette";

/** Seconds of the trace that are shown. */
export const TAIL = 10;

/** Steps in which the trace fades. */
const BANDS = 14;

/** The trace is drawn with at most so many points. */
const POINTS = 2500;

/** The overview's longer side, pixels. */
const OVERVIEW = 64;

/** Pixels between two grid lines, at least. */
const CELL = 26;

export interface Words {
  left: string;
  right: string;
  front: string;
  back: string;
}

export interface Scene {
  view: View;
  buffer: TraceBuffer;
  /** Station seconds of "now". */
  now: number;
  plate: { x: readonly number[]; y: readonly number[] } | null;
  sway: Sway | null;
  words: Words;
  palette: Palette;
}

type Context = CanvasRenderingContext2D;

/** Draws the scene; gives the grid's step in mm. */
export function paint(context: Context, scene: Scene): number {
  const { view, palette } = scene;
  context.clearRect(0, 0, view.width, view.height);
  context.lineJoin = context.lineCap = "round";
  const step = paintGrid(context, view, palette);
  if (scene.plate) paintPlate(context, view, palette, scene.plate);
  if (scene.sway) paintEllipse(context, view, palette, scene.sway);
  paintTrace(context, scene);
  paintPoint(context, scene);
  paintWords(context, scene);
  if (scene.plate) paintOverview(context, scene, scene.plate);
  return step;
}

function paintGrid(context: Context, view: View, palette: Palette): number {
  const step = niceStep(CELL / view.scale);
  const box = shown(view);
  context.font = palette.font;
  context.lineWidth = 1;
  context.fillStyle = palette.muted;
  for (let i = Math.ceil(box.left / step); i <= box.right / step; i++) {
    const at = Math.round(px(view, i * step)) + 0.5;
    rule(context, i === 0 ? palette["line-strong"] : palette.line, at, 0, at, view.height);
  }
  for (let i = Math.ceil(box.bottom / step); i <= box.top / step; i++) {
    const at = Math.round(py(view, i * step)) + 0.5;
    rule(context, i === 0 ? palette["line-strong"] : palette.line, 0, at, view.width, at);
  }
  paintScale(context, view, step);
  return step;
}

/** Millimetres along the lower and the left edge. */
function paintScale(context: Context, view: View, step: number): void {
  const box = shown(view);
  const every = Math.max(1, Math.ceil(56 / (step * view.scale)));
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (let i = Math.ceil(box.left / step); i <= box.right / step; i++) {
    const at = px(view, i * step);
    if (i % every === 0 && at > 44 && at < view.width - 20 && Math.abs(at - view.width / 2) > 40) {
      context.fillText(label(i * step), at, view.height - 3);
    }
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (let i = Math.ceil(box.bottom / step); i <= box.top / step; i++) {
    const at = py(view, i * step);
    if (i % every === 0 && at > 16 && at < view.height - 24 && Math.abs(at - view.height / 2) > 16) {
      context.fillText(label(i * step), 4, at);
    }
  }
}

/** Where on the plate the view is, in the upper right corner, while it does not show the whole plate. */
function paintOverview(context: Context, { view, palette }: Scene, plate: NonNullable<Scene["plate"]>): void {
  const box = shown(view);
  const [left, right] = [Math.min(...plate.x), Math.max(...plate.x)];
  const [bottom, top] = [Math.min(...plate.y), Math.max(...plate.y)];
  if (box.left <= left && box.right >= right && box.bottom <= bottom && box.top >= top) return;
  const scale = Math.min(OVERVIEW / (right - left), OVERVIEW / (top - bottom));
  const [width, height] = [(right - left) * scale, (top - bottom) * scale];
  const [x, y] = [view.width - width - 9.5, 9.5];
  const column = (mm: number) => x + (Math.min(Math.max(mm, left), right) - left) * scale;
  const row = (mm: number) => y + (top - Math.min(Math.max(mm, bottom), top)) * scale;
  context.lineWidth = 1;
  context.fillStyle = palette.surface;
  context.strokeStyle = palette["line-strong"];
  context.beginPath();
  context.roundRect(x, y, width, height, 4);
  context.fill();
  context.stroke();
  context.fillStyle = palette.ml;
  context.globalAlpha = 0.75;
  context.fillRect(
    column(box.left),
    row(box.top),
    Math.max(column(box.right) - column(box.left), 4),
    Math.max(row(box.bottom) - row(box.top), 4),
  );
  context.globalAlpha = 1;
}

function label(millimetres: number): string {
  return String(Math.round(millimetres * 10) / 10).replace("-", "−");
}

function rule(context: Context, colour: string, x0: number, y0: number, x1: number, y1: number): void {
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function paintPlate(context: Context, view: View, palette: Palette, plate: NonNullable<Scene["plate"]>): void {
  const [left, right] = [px(view, Math.min(...plate.x)), px(view, Math.max(...plate.x))];
  const [top, bottom] = [py(view, Math.max(...plate.y)), py(view, Math.min(...plate.y))];
  const margin = Math.min(right - left, bottom - top) * 0.06;
  context.strokeStyle = palette["line-strong"];
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin, margin);
  context.stroke();
  const size = Math.min(Math.max(margin * 0.55, 4), 9);
  context.fillStyle = palette.surface;
  plate.x.forEach((x, i) => {
    context.beginPath();
    context.arc(px(view, x), py(view, plate.y[i]!), size, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  });
}

function paintEllipse(context: Context, view: View, palette: Palette, sway: Sway): void {
  const { mean_ml, mean_ap, ellipse_major, ellipse_minor, ellipse_angle } = sway;
  if (mean_ml === null || mean_ap === null || ellipse_major === null || ellipse_minor === null) return;
  context.beginPath();
  const [x, y] = [px(view, mean_ml), py(view, mean_ap)];
  context.ellipse(x, y, ellipse_major * view.scale, ellipse_minor * view.scale, -(ellipse_angle ?? 0), 0, 2 * Math.PI);
  context.fillStyle = context.strokeStyle = palette.ellipse;
  context.globalAlpha = 0.06;
  context.fill();
  context.globalAlpha = 0.8;
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** One pass over the samples, oldest first; each band of age is one path of its own faintness. */
function paintTrace(context: Context, { buffer, view, now, palette }: Scene): void {
  const start = now - TAIL;
  const first = buffer.since(start);
  const end = buffer.length;
  const stride = Math.max(1, Math.ceil((end - first) / POINTS));
  const born = buffer.total - end;
  let band = -1;
  let pen: [number, number] | null = null;
  context.strokeStyle = palette.ml;
  context.lineWidth = 1.75;
  context.beginPath();
  for (let i = first; i < end; i++) {
    const age = Math.min(BANDS - 1, Math.floor(((buffer.t(i) - start) / TAIL) * BANDS));
    if (age !== band) {
      context.stroke();
      context.beginPath();
      if (pen) context.moveTo(...pen);
      context.globalAlpha = 0.1 + 0.85 * ((age + 1) / BANDS) ** 2;
      band = age;
    }
    const x = buffer.x(i);
    if (Number.isNaN(x) || buffer.breaks(i)) pen = null;
    if (Number.isNaN(x) || (pen && (born + i) % stride !== 0 && i !== end - 1)) continue;
    const next: [number, number] = [px(view, x), py(view, buffer.y(i))];
    if (pen) context.lineTo(...next);
    else context.moveTo(...next);
    pen = next;
  }
  context.stroke();
  context.globalAlpha = 1;
}

function paintPoint(context: Context, { buffer, view, palette }: Scene): void {
  const { latest } = buffer;
  if (!latest || Number.isNaN(latest.x) || Number.isNaN(latest.y)) return;
  context.beginPath();
  context.arc(px(view, latest.x), py(view, latest.y), 6.5, 0, 2 * Math.PI);
  context.fillStyle = palette.point;
  context.strokeStyle = palette.surface;
  context.lineWidth = 2.5;
  context.fill();
  context.stroke();
}

/** Which way is which, at the four edges, readable on whatever lies below. */
function paintWords(context: Context, { view, words, palette }: Scene): void {
  context.font = `600 ${palette.font}`;
  context.fillStyle = palette.text;
  context.strokeStyle = palette.surface;
  context.lineWidth = 5;
  const write = (text: string, x: number, y: number, align: CanvasTextAlign, base: CanvasTextBaseline) => {
    context.textAlign = align;
    context.textBaseline = base;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
  write(words.front, view.width / 2, 5, "center", "top");
  write(words.back, view.width / 2, view.height - 3, "center", "bottom");
  write(words.left, 6, view.height / 2, "left", "middle");
  write(words.right, view.width - 6, view.height / 2, "right", "middle");
}
