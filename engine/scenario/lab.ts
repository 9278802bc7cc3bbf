import type { ClientLibrary } from "../session/context";
import type { ClientSetup } from "../sim/clients";
import type { Delays } from "../sim/world";

export type { ClientSetup } from "../sim/clients";
import type { Check } from "./objective";
import type { ScriptLine } from "./script";

/** One server as an operator would set it up: its files, and whether it runs when the lab begins. */
export interface ServerSetup {
  readonly zooCfg: string;
  readonly myid: string;
  /** `-Dkey=value` on the command line of java. */
  readonly jvmFlags?: readonly string[];
  readonly disk: "empty";
  readonly up: boolean;
}

/** A lesson's cluster: what stands there at the start, what is to be reached, and the proof that it can be. */
export interface Lab<Id extends string = string> {
  /** `<Lab id="cold-start" />` in the lesson's text. */
  readonly id: string;
  readonly servers: readonly ServerSetup[];
  readonly clients: readonly ClientSetup[];
  readonly delays?: Delays;
  /** Which release's client library; 3.9.5 without it. */
  readonly library?: ClientLibrary;
  /** What each check asks; its sentence stands in lesson.ts under the same id. */
  readonly met: Readonly<Record<Id, Check>>;
  /** Plays through to every check, on any seed. */
  readonly solution: readonly ScriptLine[];
  /** The tempting way that leaves these checks open. */
  readonly trap: { readonly script: readonly ScriptLine[]; readonly unmet: readonly Id[] };
}

/** Types a lab; it is plain data. */
export function defineLab<Id extends string>(lab: Lab<Id>): Lab<Id> {
  return lab;
}
