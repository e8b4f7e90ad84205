/** What stands between the person at the screen and live data, if anything; the worst first. */

import type { Key } from "../i18n/words";
import type { Reading } from "../live/live.svelte";
import type { Link } from "../live/socket";
import type { BoardState } from "../types";

export interface Situation {
  tone: "bad" | "note";
  title: Key;
  help: Key | null;
  /** The station's own words. */
  reason: string;
}

/** The situation to show over the stabilogram; null while somebody is being measured. */
export function situation(link: Link, board: BoardState | null, reading: Reading, known: boolean): Situation | null {
  if (link.state === "waiting" || (link.state === "connecting" && known)) return say("bad", "state.offline", "state.offline.help");
  if (link.state !== "open") return say("note", "link.connecting", null);
  if (!board) return say("note", "state.noBoard", "state.noBoard.help");
  if (board.phase !== "streaming") return boardTrouble(board);
  if (reading.freshness === "none" || !reading.latest) return say("note", "state.waiting", null);
  if (reading.freshness === "stale") return say("bad", "state.stalled", "state.stalled.help");
  if (!board.has_cop) return say("note", "state.noCop", "state.noCop.help");
  if (Number.isNaN(reading.latest.x)) return say("note", "state.empty", "state.empty.help");
  return null;
}

function boardTrouble(board: BoardState): Situation {
  switch (board.phase) {
    case "silent":
      return say("bad", "state.silent", "state.silent.help", board.reason);
    case "lost":
      return say("bad", "state.lost", "state.lost.help", board.reason);
    case "refused":
      return say("bad", "state.refused", null, board.reason);
    default:
      return say("note", "state.connecting", null, board.reason);
  }
}

function say(tone: Situation["tone"], title: Key, help: Key | null, reason = ""): Situation {
  return { tone, title, help, reason };
}
