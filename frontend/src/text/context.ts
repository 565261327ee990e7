import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { en } from "./en";
import type { Texts } from "./texts";

/** The language of everything below. */
export const TextsContext = createContext<Texts>(en);

/** The texts of the language that is spoken here. */
export function useTexts(): Texts {
  return useContext(TextsContext);
}
