/** What the page knows: the only place where messages become state. */

import { getContext, setContext } from "svelte";

import type { BoardState, Grid, ServerMessage, StationState, Sway, Trace } from "../types";
import { TraceBuffer, type Latest } from "./buffer";
import { StationClock } from "./clock";
import { pageSeconds } from "./frames";
import { age, freshness, TICK, type Arrival, type Freshness } from "./freshness";
import { LiveSocket, type Link } from "./socket";

/** The numbers of the selected board as the screen shows them, taken at every tick. */
export interface Reading {
  freshness: Freshness;
  /** Of the newest sample, seconds; NaN before the first. */
  age: number;
  latest: Latest | null;
}

/** Streaming figures and the station's time they were computed at. */
export interface Figures {
  now: number;
  figures: Sway;
  grid: Grid;
}

/** A display that stands still while measuring goes on. */
interface Frozen {
  buffer: TraceBuffer;
  station: number;
  reading: Reading;
  sway: Figures | null;
  board: BoardState | null;
  wall: Date;
}

interface Stream {
  buffer: TraceBuffer;
  arrival: Arrival;
}

const NOTHING: Reading = { freshness: "none", age: NaN, latest: null };

/** Something the person at the screen should hear of once. */
export type Notice =
  | { kind: "skipped"; frames: number }
  | { kind: "error"; message: string }
  /** Page and station are of different versions: the page must be loaded anew. */
  | { kind: "outdated" };

export class Live {
  link = $state.raw<Link>({ state: "idle" });
  role = $state("");
  station = $state.raw<StationState | null>(null);
  boards = $state.raw<BoardState[]>([]);
  frozen = $state.raw<Frozen | null>(null);
  #chosen = $state("");
  #reading = $state.raw<Reading>(NOTHING);
  #sway = $state.raw<Record<string, Figures>>({});
  /** Frames the station dropped for this screen, by board. */
  skipped = $state.raw<Record<string, number>>({});
  /** The station's wall clock minus this machine's, milliseconds. */
  wallOffset = $state(0);

  readonly clock = new StationClock();
  readonly #streams = new Map<string, Stream>();
  readonly #socket: LiveSocket;
  readonly #notify: (notice: Notice) => void;
  #timer = 0;
  #toldOutdated = false;

  constructor(url: string, notify: (notice: Notice) => void) {
    this.#notify = notify;
    this.#socket = new LiveSocket(url, {
      link: (link) => this.#linked(link),
      message: (message) => this.#receive(message),
      malformed: () => this.#outdated(),
      expectant: () => this.boards.length > 0,
    });
  }

  /** The board on the screen; null while there is none. */
  readonly #selected = $derived(this.boards.find((board) => board.id === this.#chosen) ?? this.boards[0] ?? null);
  readonly connected = $derived(this.link.state === "open");
  readonly board = $derived(this.frozen ? this.frozen.board : this.#selected);
  readonly reading = $derived(this.frozen ? this.frozen.reading : this.#reading);
  readonly sway = $derived(this.frozen ? this.frozen.sway : (this.#sway[this.#selected?.id ?? ""] ?? null));
  /** Somebody stands on the board, as far as the screen knows. */
  readonly occupied = $derived(this.reading.latest !== null && !Number.isNaN(this.reading.latest.x));
  /** How the board is being recorded; null while it is not. */
  readonly recordingMode = $derived(this.board?.recording?.mode ?? null);
  /** Freshness of what the station sends, frozen display or not. */
  readonly freshness = $derived(this.#reading.freshness);
  readonly age = $derived(this.#reading.age);

  start(): void {
    this.#socket.start();
    this.#timer ||= setInterval(() => this.#tick(), TICK * 1000) as unknown as number;
  }

  /** Close, and forget what was seen: somebody else may sit down here. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#socket.stop();
    this.frozen = this.station = null;
    this.boards = [];
    this.role = this.#chosen = "";
    this.#sway = {};
    this.skipped = {};
    this.#streams.clear();
    this.#tick();
  }

  hurry(): void {
    this.#socket.hurry();
  }

  select(id: string): void {
    this.#chosen = id;
    this.frozen = null;
    this.#tick();
  }

  /** Hold the picture as it is, or go on. */
  freeze(hold: boolean): void {
    this.frozen = hold
      ? {
          buffer: this.buffer.clone(),
          station: this.stationTime(pageSeconds()),
          reading: this.#reading,
          sway: this.sway,
          board: this.#selected,
          wall: new Date(),
        }
      : null;
  }

  /** Samples to draw. */
  get buffer(): TraceBuffer {
    return this.frozen?.buffer ?? this.#stream(this.#selected?.id ?? "").buffer;
  }

  /** The right-hand edge of every chart, station seconds. */
  stationTime(local: number): number {
    return this.frozen ? this.frozen.station : this.clock.at(local);
  }

  #stream(id: string): Stream {
    let stream = this.#streams.get(id);
    if (!stream) {
      stream = { buffer: new TraceBuffer(), arrival: { at: NaN, sample: NaN } };
      this.#streams.set(id, stream);
    }
    return stream;
  }

  #linked(link: Link): void {
    this.link = link;
    this.#tick();
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "trace":
        return this.#trace(message);
      case "sway":
        this.#observe(message.now);
        this.#sway = { ...this.#sway, [message.board]: { now: message.now, figures: message.figures, grid: message.grid } };
        return;
      case "board":
        this.#observe(message.now, message.t);
        return this.#board(message.board);
      case "welcome":
        this.#observe(message.now, message.t);
        if (this.station && this.station.version !== message.state.version) this.#outdated();
        this.role = message.role;
        this.station = message.state;
        this.boards = message.boards;
        return;
      case "status":
        this.station = message.state;
        return;
      case "lost":
        this.skipped = { ...this.skipped, [message.board]: (this.skipped[message.board] ?? 0) + message.frames };
        return this.#notify({ kind: "skipped", frames: message.frames });
      case "error":
        return this.#notify({ kind: "error", message: message.message });
    }
  }

  /** Said once: it stays true until the page is loaded anew. */
  #outdated(): void {
    if (!this.#toldOutdated) this.#notify({ kind: "outdated" });
    this.#toldOutdated = true;
  }

  #observe(now: number, wall?: string): void {
    const anew = this.clock.observe(now, pageSeconds());
    if (anew) for (const stream of this.#streams.values()) stream.buffer.clear();
    const told = wall === undefined ? NaN : Date.parse(wall);
    if (!Number.isNaN(told)) this.wallOffset = told - Date.now();
  }

  #board(board: BoardState): void {
    // A board that was not open yet may get its final id once it is; its moniker stays.
    const same = (old: BoardState) => old.id === board.id || old.moniker === board.moniker;
    this.boards = this.boards.some(same) ? this.boards.map((old) => (same(old) ? board : old)) : [...this.boards, board];
    if (board.id === this.#selected?.id && board.phase !== "streaming") this.#tick();
  }

  #trace(block: Trace): void {
    const stream = this.#stream(block.board);
    const rate = this.boards.find(({ id }) => id === block.board)?.rate_nominal ?? 0;
    stream.buffer.push(block, rate);
    const sample = stream.buffer.latest?.t ?? NaN;
    if (block.t.length > 0) stream.arrival = { at: pageSeconds(), sample };
  }

  #tick(): void {
    const board = this.#selected;
    if (!board) {
      this.#reading = NOTHING;
      return;
    }
    const { arrival, buffer } = this.#stream(board.id);
    const now = pageSeconds();
    const seconds = age(arrival, now, this.clock.at(now));
    this.#reading = {
      freshness: freshness(seconds, board.phase, this.connected),
      age: seconds,
      latest: buffer.latest,
    };
  }
}

const KEY = Symbol("live");

export function provideLive(live: Live): Live {
  return setContext(KEY, live);
}

export function useLive(): Live {
  return getContext<Live>(KEY);
}
