/** Short messages to the person at the screen. */

import { getContext, setContext } from "svelte";

export type Tone = "good" | "bad" | "note";

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
  /** Messages about the same thing replace each other. */
  readonly about: string;
}

/** Seconds that a message of success stays; refusals stay until they are dismissed. */
const STAY = 8;

/** More than this many are never on the screen; the oldest goes. */
const MOST = 4;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #last = 0;

  show(tone: Tone, text: string, about = text): void {
    const id = ++this.#last;
    this.list = [...this.list.filter((toast) => toast.about !== about), { id, tone, text, about }].slice(-MOST);
    if (tone !== "bad") setTimeout(() => this.dismiss(id), STAY * 1000);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

const KEY = Symbol("toasts");

export function provideToasts(toasts: Toasts): Toasts {
  return setContext(KEY, toasts);
}

export function useToasts(): Toasts {
  return getContext<Toasts>(KEY);
}
