import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const IMPORT = /^(?:import|export)\s+(?!type\b)([^;"]*?)\s*from\s+"(\.[^"]+)"/gm;

/** The files a source file needs at run time: what it imports beside types. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(IMPORT)].flatMap(([, names = "", from = ""]) => {
    const inBraces = /^\{([\s\S]*)\}$/.exec(names)?.[1];
    const areTypes = inBraces
      ?.split(",")
      .every((name) => name.trim() === "" || name.trim().startsWith("type "));
    return areTypes === true ? [] : [from];
  });
}

/** These TypeScript files, and all that they need at run time. */
export function reachedFrom(files: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const from of importsOf(readFileSync(file, "utf8"))) {
      const path = resolve(dirname(file), from);
      const found = [path, `${path}.ts`, `${path}.tsx`].find((one) => existsSync(one));
      if (found !== undefined) visit(found);
    }
  };
  files.forEach(visit);
  return reached;
}
