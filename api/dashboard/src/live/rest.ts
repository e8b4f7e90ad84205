/** What the page asks the station to do, over HTTP; the session cookie travels by itself. */

/** The station said no: `message` is its reason in plain words (RFC 9457 `detail`). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody answered, or nothing that makes sense. */
export class Unreachable extends Error {}

/** Seconds until an unanswered request counts as unreachable; a tare listens to the board for some of them. */
const PATIENCE = 20;

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const request: RequestInit = { method, signal: AbortSignal.timeout(PATIENCE * 1000) };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "content-type": "application/json" };
  }
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`/api/v1/${path}`, request);
    answer = await response.json().catch(() => null);
  } catch {
    throw new Unreachable(path);
  }
  if (response.ok) return answer;
  throw new Refused(response.status, reason(answer) ?? `${response.status} ${response.statusText}`.trim());
}

function reason(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  const { detail, title } = answer as { detail?: unknown; title?: unknown };
  return typeof detail === "string" && detail !== "" ? detail : typeof title === "string" ? title : null;
}

/** A finite number under `name` in the station's answer, or null. */
function figure(answer: unknown, name: string): number | null {
  const value = (answer as Record<string, unknown> | null)?.[name];
  return typeof value === "number" ? value : null;
}

/** Exchange a token for a session cookie. */
export async function signIn(token: string): Promise<void> {
  await call("POST", "session", { token });
}

export async function signOut(): Promise<void> {
  await call("DELETE", "session");
}

/** Set the zero of an empty board; gives the noise in newtons where the station tells it. */
export async function tare(board: string): Promise<number | null> {
  return figure(await call("POST", `boards/${encodeURIComponent(board)}/tare`), "noise_n");
}

export async function startRecording(board: string): Promise<void> {
  await call("POST", "recordings", { board });
}

/** Close the recording; gives its number of samples where the station tells it. */
export async function stopRecording(id: string): Promise<number | null> {
  return figure(await call("POST", `recordings/${encodeURIComponent(id)}/stop`), "samples");
}
