/** One WebSocket to the station that comes back by itself. */

import type { Hello, ServerMessage } from "../types";
import { decode } from "./messages";

/** First and longest wait before the next try, seconds; each wait is drawn from the upper half of its range. */
export const BACKOFF = { first: 0.25, longest: 4 } as const;

/** Code of the `error` message after which trying again is no use: somebody must sign in. */
const SIGN_IN = "token-refused";

/** Seconds without any message after which an open socket is given up, where messages are due every second. */
const SILENCE = 4;

export type Link =
  | { state: "idle" }
  | { state: "connecting"; attempt: number }
  | { state: "open" }
  | { state: "waiting"; attempt: number; seconds: number }
  | { state: "refused"; message: string };

/** What the socket needs of the outside world; the tests bring their own. */
export interface World {
  open(url: string): WebSocket;
  after(seconds: number, call: () => void): () => void;
  random(): number;
}

export const browser: World = {
  open: (url) => new WebSocket(url),
  after: (seconds, call) => {
    const id = setTimeout(call, seconds * 1000);
    return () => clearTimeout(id);
  },
  random: Math.random,
};

/** Seconds before try number `attempt` (from 1). */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF.first * 2 ** (attempt - 1), BACKOFF.longest);
  return ceiling * (0.5 + 0.5 * random);
}

export interface Listener {
  link(link: Link): void;
  message(message: ServerMessage): void;
  /** A text that is not a message of the contract. */
  malformed(reason: string): void;
  /** Whether the station has something to say every second: it has boards. */
  expectant(): boolean;
}

export class LiveSocket {
  readonly #url: string;
  readonly #listener: Listener;
  readonly #world: World;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #refusal: string | null = null;
  #cancel: () => void = () => undefined;

  constructor(url: string, listener: Listener, world: World = browser) {
    this.#url = url;
    this.#listener = listener;
    this.#world = world;
  }

  /** Connect now, whatever was going on before. */
  start(): void {
    this.#drop();
    this.#attempt = 0;
    this.#connect();
  }

  /** Close and stay closed. */
  stop(): void {
    this.#drop();
    this.#listener.link({ state: "idle" });
  }

  /** Stop waiting and try at once; does nothing while connected. */
  hurry(): void {
    if (this.#socket === null && this.#attempt > 0) this.start();
  }

  #drop(): void {
    this.#cancel();
    this.#refusal = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connect(): void {
    this.#attempt += 1;
    this.#listener.link({ state: "connecting", attempt: this.#attempt });
    const socket = this.#world.open(this.#url);
    this.#socket = socket;
    const mine = (act: (event: never) => void) => (event: Event) => {
      if (socket === this.#socket) act(event as never);
    };
    socket.onopen = mine(() => this.#hello(socket));
    socket.onmessage = mine((event: MessageEvent<string>) => this.#receive(event.data));
    socket.onclose = mine(() => this.#closed());
    this.#watch();
  }

  #hello(socket: WebSocket): void {
    const hello: Hello = { type: "hello", token: "", trace: true };
    socket.send(JSON.stringify(hello));
  }

  #receive(text: string): void {
    this.#watch();
    let message: ServerMessage;
    try {
      message = decode(text);
    } catch (error) {
      this.#listener.malformed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (message.type === "welcome") {
      this.#attempt = 0;
      this.#listener.link({ state: "open" });
    }
    if (message.type === "error" && message.code === SIGN_IN) this.#refusal = message.message;
    else this.#listener.message(message);
  }

  /** A half-open connection says nothing and never closes: give it up after a while. */
  #watch(): void {
    this.#cancel();
    this.#cancel = this.#world.after(SILENCE, () => {
      if (this.#attempt === 0 && !this.#listener.expectant()) return;
      const socket = this.#socket;
      this.#socket = null;
      socket?.close();
      this.#wait();
    });
  }

  #closed(): void {
    this.#cancel();
    this.#socket = null;
    if (this.#refusal === null) return this.#wait();
    this.#attempt = 0;
    this.#listener.link({ state: "refused", message: this.#refusal });
    this.#refusal = null;
  }

  #wait(): void {
    const attempt = Math.max(this.#attempt, 1);
    const seconds = backoff(attempt, this.#world.random());
    this.#listener.link({ state: "waiting", attempt, seconds });
    this.#cancel = this.#world.after(seconds, () => this.#connect());
  }
}
