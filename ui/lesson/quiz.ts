import type { ChoiceItem, NumericItem } from "../../lessons/lesson";

export type Verdict = "right" | "nearly" | "wrong";

/** The same order for the same learner and question, on every visit. */
export function shuffled<Item>(
  items: readonly Item[],
  shuffle: number,
  id: string,
): readonly Item[] {
  let state = shuffle | 0;
  for (const letter of id) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    const other = ((state ^ (state >>> 12)) >>> 0) % (last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}

/** Options that are chosen and should not be, or should be and are not. */
export function wrongRows(item: ChoiceItem, chosen: readonly string[]): readonly string[] {
  return item.options
    .filter((option) => chosen.includes(option.id) !== (option.right === true))
    .map((option) => option.id);
}

/** One wrong row of several questions at once is one step off; of a single choice it is simply wrong. */
export function verdictOf(item: ChoiceItem, chosen: readonly string[]): Verdict {
  const wrong = wrongRows(item, chosen).length;
  if (wrong === 0) return "right";
  return item.kind === "multiple" && wrong === 1 ? "nearly" : "wrong";
}

/** What was typed: a number, or why it is none. Hexadecimal only where ZooKeeper would print it. */
export function readNumber(
  text: string,
  form: NumericItem["form"],
): number | "empty" | "not a number" | "not decimal" {
  const plain = text.trim().replaceAll(/[\s_,]/g, "");
  if (plain === "") return "empty";
  const isHex = /^0x[0-9a-f]+$/i.test(plain);
  if (isHex && form === "decimal") return "not decimal";
  if (!isHex && !/^\d+$/.test(plain)) return "not a number";
  const value = Number(plain);
  return Number.isSafeInteger(value) ? value : "not a number";
}
