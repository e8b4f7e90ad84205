/** What this person chose for this screen; kept in the browser. */

export type Theme = "auto" | "light" | "dark";

const PREFIX = "otolith.";

/** The stored choice, or null where there is none or storage is closed to us. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
}

const system = matchMedia("(prefers-color-scheme: dark)");

class Appearance {
  theme = $state<Theme>(stored());
  /** What is on the screen: the choice, or the system's while the choice is "auto". */
  dark = $state(false);

  constructor() {
    this.#apply();
    system.addEventListener("change", () => this.#apply());
  }

  choose(theme: Theme): void {
    this.theme = theme;
    remember("theme", theme);
    this.#apply();
  }

  /** The document first: whoever follows `dark` reads its colours from there. */
  #apply(): void {
    const dark = this.theme === "auto" ? system.matches : this.theme === "dark";
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
    this.dark = dark;
  }
}

function stored(): Theme {
  const theme = recall("theme");
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export const appearance = new Appearance();
