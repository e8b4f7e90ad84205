/** Text of the WebSocket to a typed message, or the reason why not. */

import type { ServerMessage } from "../types";

type Kind<V> = V extends string
  ? "string"
  : V extends number
    ? "number"
    : V extends boolean
      ? "boolean"
      : V extends readonly unknown[]
        ? "array"
        : "object";

type Shape<M> = { [F in keyof M]: Kind<M[F]> };
type Shapes = { [M in ServerMessage as M["type"]]: Shape<M> };

/** Every field of every message; the compiler keeps it equal to `types.ts`. */
export const SHAPES: Shapes = {
  welcome: {
    type: "string",
    v: "number",
    t: "string",
    now: "number",
    role: "string",
    state: "object",
    boards: "array",
  },
  board: { type: "string", t: "string", now: "number", board: "object" },
  status: { type: "string", t: "string", state: "object" },
  trace: {
    type: "string",
    board: "string",
    seq: "number",
    missed: "number",
    t0: "number",
    t: "array",
    x: "array",
    y: "array",
    force: "array",
    loads: "array",
    flags: "array",
    left: "array",
  },
  sway: { type: "string", board: "string", now: "number", figures: "object", grid: "object" },
  session: { type: "string", event: "object" },
  program: { type: "string", event: "object" },
  guidance: { type: "string", moment: "object" },
  lost: { type: "string", board: "string", frames: "number" },
  error: { type: "string", code: "string", message: "string" },
};

function kind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

/** Throws Error with a plain sentence when the text is not a message of the contract. */
export function decode(text: string): ServerMessage {
  const message: unknown = JSON.parse(text);
  if (kind(message) !== "object") throw new Error("not a JSON object");
  const fields = message as Record<string, unknown>;
  const shape: Record<string, string> | undefined = SHAPES[fields["type"] as keyof Shapes];
  if (!shape) throw new Error(`unknown message type ${String(fields["type"])}`);
  for (const field in shape) {
    if (kind(fields[field]) !== shape[field]) {
      throw new Error(`${String(fields["type"])}.${field} is ${kind(fields[field])}, not ${shape[field]}`);
    }
  }
  return message as ServerMessage;
}
