/** The language of the page, as reactive state. */

import { recall, remember } from "../live/preferences.svelte";
import { bestLanguage, isLanguage, say, type Key, type Language } from "./words";

export { LANGUAGE_NAMES, type Key, type Language } from "./words";

function first(): Language {
  const stored = recall("language");
  return isLanguage(stored) ? stored : bestLanguage(navigator.languages);
}

let language = $state<Language>(first());
const formats = new Map<string, Intl.NumberFormat>();

export function currentLanguage(): Language {
  return language;
}

export function chooseLanguage(code: Language): void {
  language = code;
  remember("language", code);
}

/** The words for `key` in the page's language. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return say(language, key, values);
}

/** A number with exactly `digits` decimals, as this language writes it; an en dash for null and NaN. */
export function number(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const key = `${language}${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  // A minus sign, and never "-0": the eye reads the sign first.
  return format.format(Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).replace("-", "−");
}

export function clockTime(date: Date): string {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(date);
}

/** Hours, minutes and seconds of a duration: 0:42, 12:05, 1:00:00. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
