import type { Command } from "../sim/command";
import type { FactMatch } from "./objective";
import type { Check } from "./objective";

/** Lets so much simulated time pass. */
export type Wait = { readonly type: "wait"; readonly ms: number };
/** Runs until it holds; a fact counts from the beginning of the line before. Fails after 120 simulated seconds. */
export type Until = { readonly type: "until"; readonly what: FactMatch | Check };

/** One line of a script: a command, or time. */
export type ScriptLine = Command | Wait | Until;

export const wait = (ms: number): Wait => ({ type: "wait", ms });
export const until = (what: FactMatch | Check): Until => ({ type: "until", what });
