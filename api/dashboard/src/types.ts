/** The station's messages and states, field for field as `api/messages.py` and `service/state.py` define them. */

export type BoardPhase = "connecting" | "streaming" | "silent" | "lost" | "refused";
export type Role = "viewer" | "operator" | "admin";

export interface StreamHealth {
  rate_hz: number;
  jitter_ms: number;
  lost: number;
  malformed: number;
  overruns: number;
  latency_p50_ms: number;
  latency_p99_ms: number;
  samples: number;
}

/** How the board's own clock runs against the station's. */
export interface ClockState {
  source: "clock" | "count";
  residual_ms: number;
  skew_ppm: number;
  jumps: number;
}

/** The even times at which streaming sway is computed. */
export interface Grid {
  rate_hz: number;
  method: "samples" | "swarii";
  window_s: number;
  latency_s: number;
}

/** Plugged in, and not configured. */
export interface SeenBoard {
  moniker: string;
  model: string;
  serial: string;
  problem: string;
}

export interface TareState {
  at: string;
  by: string;
  zero: number[];
  noise_n: number;
  offset_n: number | null;
}

export interface RecordingState {
  id: string;
  since: string;
  seq: number;
  samples: number;
  /** Part of the continuous journal, or asked for by somebody. */
  mode: "always" | "on_demand";
}

export interface CalibrationState {
  hash: string;
  version: number;
  kind: string;
  date: string;
  by: string;
  age_days: number | null;
  /** Older than the site allows. */
  due: boolean;
  /** Expanded uncertainties (coverage factor 2) of `load_n` anywhere on the surface. */
  force_u_n: number | null;
  cop_u_mm: number | null;
  load_n: number | null;
}

/** A plate that measures force and moment, and where it is on its board: mm and degrees clockwise. */
export interface WrenchPlate {
  name: string;
  x: number;
  y: number;
  turn: number;
  width: number;
  length: number;
  top: number;
}

export interface BoardState {
  id: string;
  moniker: string;
  phase: BoardPhase;
  reason: string;
  since: string;
  name: string;
  family: string;
  model: string;
  serial: string;
  firmware: string;
  simulated: boolean;
  rate_nominal: number;
  battery: number | null;
  plates: WrenchPlate[];
  latency_s: number;
  closed_loop: boolean;
  /** How left and right are known: a plate for each side, the leverage of cells, or not at all. */
  sides: "plates" | "cells" | "none";
  cells_x: number[];
  cells_y: number[];
  /** False: the board's loads have no centre of pressure; there are forces only. */
  has_cop: boolean;
  calibration: string;
  /** The calibration file in use; null where the board's own calibration is. */
  calibrated: CalibrationState | null;
  health: StreamHealth | null;
  /** Null on a board that samples when it likes. */
  clock: ClockState | null;
  grid: Grid | null;
  tare: TareState | null;
  recording: RecordingState | null;
}

export interface StationState {
  station: string;
  version: string;
  since: string;
  ready: boolean;
  faults: string[];
  seen: SeenBoard[];
}

/** The streaming figures; null where the window is too short or nobody stands. */
export interface Sway {
  n: number | null;
  seconds: number | null;
  mean_velocity: number | null;
  path_length: number | null;
  rms_ml: number | null;
  rms_ap: number | null;
  rms_radius: number | null;
  range_ml: number | null;
  range_ap: number | null;
  prediction_ellipse_area: number | null;
  mean_frequency: number | null;
  mean_ml: number | null;
  mean_ap: number | null;
  ellipse_major: number | null;
  ellipse_minor: number | null;
  ellipse_angle: number | null;
}

export interface Welcome {
  type: "welcome";
  v: 1;
  t: string;
  now: number;
  role: string;
  state: StationState;
  boards: BoardState[];
}

export interface BoardMessage {
  type: "board";
  t: string;
  now: number;
  board: BoardState;
}

export interface StatusMessage {
  type: "status";
  t: string;
  state: StationState;
}

export interface Trace {
  type: "trace";
  board: string;
  seq: number;
  missed: number;
  t0: number;
  t: number[];
  x: (number | null)[];
  y: (number | null)[];
  force: number[];
  loads: number[][];
  flags: number[];
  /** Percent of the force on the left; empty where the board cannot tell. */
  left: (number | null)[];
}

export interface SwayMessage {
  type: "sway";
  board: string;
  now: number;
  figures: Sway;
  grid: Grid;
}

/** What happens in a run of a challenge. */
export interface SessionMessage {
  type: "session";
  event: object;
}

/** What happens to somebody on a program. */
export interface ProgramMessage {
  type: "program";
  event: object;
}

/** A moment of a task with a target; comes only to who asks for it in the hello. */
export interface GuidanceMessage {
  type: "guidance";
  moment: object;
}

export interface LostMessage {
  type: "lost";
  board: string;
  frames: number;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
}

export interface Hello {
  type: "hello";
  token: string;
  trace: boolean;
}

export type ServerMessage =
  | Welcome
  | BoardMessage
  | StatusMessage
  | Trace
  | SwayMessage
  | SessionMessage
  | ProgramMessage
  | GuidanceMessage
  | LostMessage
  | ErrorMessage;

/** Bits of `Trace.flags`, as `drivers.batch.Flag`. */
export const Flag = { SATURATED: 1, CHANNEL_ERROR: 2, INVALID: 4, UNLOADED: 8, AFTER_GAP: 16, NO_COP: 64 } as const;
