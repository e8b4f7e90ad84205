import { beforeEach, describe, expect, test } from "vitest";

import { backoff, BACKOFF, LiveSocket, type Link, type World } from "../src/live/socket";
import type { ServerMessage } from "../src/types";

/** A WebSocket whose other end is the test. */
class Wire {
  onopen?: (event: unknown) => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: unknown) => void;
  sent: string[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const STATE = { station: "s", version: "0", since: "", ready: true, faults: [] };
const WELCOME = { type: "welcome", v: 1, t: "", now: 0, role: "viewer", state: STATE, boards: [] };

describe("LiveSocket", () => {
  let wires: Wire[];
  let timers: { seconds: number; call: () => void; live: boolean }[];
  let links: Link[];
  let messages: ServerMessage[];
  let complaints: string[];
  let expectant: boolean;
  let socket: LiveSocket;

  const last = () => wires[wires.length - 1]!;
  const link = () => links[links.length - 1]!;

  /** Let the one pending timer run out. */
  function elapse(): number {
    const pending = timers.filter((timer) => timer.live);
    expect(pending).toHaveLength(1);
    pending[0]!.live = false;
    pending[0]!.call();
    return pending[0]!.seconds;
  }

  beforeEach(() => {
    [wires, timers, links, messages, complaints, expectant] = [[], [], [], [], [], true];
    const world: World = {
      open: () => {
        wires.push(new Wire());
        return last() as unknown as WebSocket;
      },
      after: (seconds, call) => {
        const timer = { seconds, call, live: true };
        timers.push(timer);
        return () => (timer.live = false);
      },
      random: () => 1,
    };
    const listener = {
      link: (link: Link) => void links.push(link),
      message: (message: ServerMessage) => void messages.push(message),
      malformed: (reason: string) => void complaints.push(reason),
      expectant: () => expectant,
    };
    socket = new LiveSocket("ws://station", listener, world);
    socket.start();
  });

  test("says hello without a token and is open once welcomed", () => {
    last().onopen?.({});
    expect(JSON.parse(last().sent[0]!)).toEqual({ type: "hello", token: "", trace: true });
    expect(link().state).toBe("connecting");
    last().say(WELCOME);
    expect(link().state).toBe("open");
    expect(messages).toHaveLength(1);
  });

  test("comes back after ever longer waits, up to a limit", () => {
    const waits = Array.from({ length: 6 }, () => {
      last().onclose?.({});
      return elapse();
    });
    expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 4]);
    last().say(WELCOME);
    last().onclose?.({});
    expect(elapse()).toBe(BACKOFF.first);
  });

  test("stops trying when the station wants somebody to sign in", () => {
    last().say({ type: "error", code: "token-refused", message: "Unknown token." });
    last().onclose?.({});
    expect(link()).toEqual({ state: "refused", message: "Unknown token." });
    expect(timers.some((timer) => timer.live)).toBe(false);
  });

  test("any other error is told, and it comes back", () => {
    last().say({ type: "error", code: "hello-missing", message: "Say hello." });
    last().onclose?.({});
    expect(messages).toHaveLength(1);
    expect(link().state).toBe("waiting");
  });

  test("text that is no message is counted and changes nothing", () => {
    last().say(WELCOME);
    last().onmessage?.({ data: "{" });
    last().say({ type: "trace", board: 7 });
    last().say({ type: "poem" });
    expect(complaints).toHaveLength(3);
    expect(complaints[1]).toBe("trace.board is number, not string");
    expect(link().state).toBe("open");
  });

  test("an open connection that falls silent is given up", () => {
    last().say(WELCOME);
    elapse();
    expect(wires[0]!.closed).toBe(true);
    expect(link().state).toBe("waiting");
  });

  test("a station without boards may be silent", () => {
    expectant = false;
    last().say(WELCOME);
    elapse();
    expect(link().state).toBe("open");
  });

  test("what a left connection still says is not heard", () => {
    const old = last();
    socket.start();
    old.say(WELCOME);
    old.onclose?.({});
    expect(messages).toEqual([]);
    expect(link().state).toBe("connecting");
  });

  test("stays closed once stopped", () => {
    socket.stop();
    last().onclose?.({});
    expect(link().state).toBe("idle");
    expect(timers.some((timer) => timer.live)).toBe(false);
  });

  test("hurry tries at once instead of waiting", () => {
    last().onclose?.({});
    socket.hurry();
    expect(wires).toHaveLength(2);
    socket.hurry();
    expect(wires).toHaveLength(2);
  });
});

test("backoff is drawn from the upper half of its range", () => {
  expect(backoff(1, 0)).toBe(BACKOFF.first / 2);
  expect(backoff(50, 0.999)).toBeLessThanOrEqual(BACKOFF.longest);
});
