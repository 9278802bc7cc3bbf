import { counterOf, epochOf, formatZxid, type Zxid } from "../../engine/index";

/** `e2·4`: epoch 2, counter 4. */
export function shortZxid(zxid: Zxid): string {
  return `e${epochOf(zxid)}·${counterOf(zxid)}`;
}

/** Both forms, for a title: `e2·4 = 0x200000004`. */
export function longZxid(zxid: Zxid): string {
  return `${shortZxid(zxid)} = ${formatZxid(zxid)}`;
}
