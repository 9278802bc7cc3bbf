import { US_PER_SECOND, type VirtualUs } from "../../engine/index";
import { FASTEST, SLOWEST } from "./store";

/** Virtual time as the clock shows it: `12.480`. */
export function formatSeconds(us: VirtualUs): string {
  return (us / US_PER_SECOND).toFixed(3);
}

/** Seconds that run down: 4.3, never rounded up. */
export function tenths(seconds: number): string {
  return (Math.floor(seconds * 10) / 10).toFixed(1);
}

/** A factor with as many digits as matter: 0.008, 0.05, 1.5, 4. */
export function formatFactor(factor: number): string {
  if (factor < 0.0995) return String(Number(factor.toFixed(factor < 0.00995 ? 3 : 2)));
  return String(Number(factor.toPrecision(2)));
}

/** Steps of the speed slider: equal steps are equal ratios. */
export const SPEED_STEPS = 100;

export function speedAt(step: number): number {
  return SLOWEST * (FASTEST / SLOWEST) ** (step / SPEED_STEPS);
}

export function stepOfSpeed(speed: number): number {
  return Math.round((Math.log(speed / SLOWEST) / Math.log(FASTEST / SLOWEST)) * SPEED_STEPS);
}
