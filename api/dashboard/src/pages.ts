/** The pages there are; the navigation lists these and no others. */

import type { Component } from "svelte";

import type { Key } from "./i18n/words";
import Live from "./pages/Live.svelte";

export interface Page {
  readonly path: string;
  readonly title: Key;
  readonly component: Component;
}

export const PAGES: readonly [Page, ...Page[]] = [{ path: "/", title: "page.live", component: Live }];

/** The page of an address; the first where there is none. */
export function pageAt(path: string): Page {
  return PAGES.find((page) => page.path === path) ?? PAGES[0];
}
