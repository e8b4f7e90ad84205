/** Languages, and how a sentence with placeholders is filled. */

import { de } from "./de";
import { en, type Key, type Words } from "./en";
import { fr } from "./fr";

export type { Key } from "./en";

export const LANGUAGES = { en, de, fr } as const satisfies Record<string, Words>;
export type Language = keyof typeof LANGUAGES;

export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch", fr: "Français" };

export function isLanguage(code: string | null | undefined): code is Language {
  return code !== null && code !== undefined && Object.hasOwn(LANGUAGES, code);
}

/** The first of the wanted languages ("de-AT" wants "de") that there is; English otherwise. */
export function bestLanguage(wanted: readonly string[]): Language {
  return wanted.map((tag) => tag.toLowerCase().split("-")[0]).find(isLanguage) ?? "en";
}

/** The words for `key`, with `{name}` replaced by `values.name`. */
export function say(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
