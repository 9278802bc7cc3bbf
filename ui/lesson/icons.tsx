/** Small marks beside words; none says anything that no word says. */
const PATHS = {
  tick: "M3.2 8.6 6.6 12l6.2-7.2",
  cross: "M4 4l8 8M12 4l-8 8",
  eye: "M1.6 8s2.4-4.2 6.4-4.2S14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8ZM8 9.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Z",
  lock: "M3.6 7.4h8.8v6H3.6ZM5.4 7.2V5a2.6 2.6 0 0 1 5.2 0v2.2",
  bulb: "M5.9 11.4C4.5 10.5 3.7 9 3.7 7.4a4.3 4.3 0 0 1 8.6 0c0 1.6-.8 3.1-2.2 4v1.2H5.9ZM6.4 14.4h3.2",
  chevron: "M6 3.5 10.5 8 6 12.5",
  back: "M10 3.5 5.5 8 10 12.5",
  replay: "M3.4 5.2A5.4 5.4 0 1 1 2.6 8M3.2 2.6v2.9h2.9",
  copy: "M5.4 5.4h7.4v7.4H5.4ZM3.2 10.4V3.2h7.2",
  flask:
    "M6.4 2.4v4L3 12.2c-.5.9.1 1.6 1 1.6h8c.9 0 1.5-.7 1-1.6L9.6 6.4v-4M5.4 2.4h5.2M4.6 10h6.8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export type CellState = "hollow" | "half" | "solid";

/** A cell of the log, used for all progress: hollow, half, solid as a committed entry. */
export function Cell({ state, size = 13 }: { readonly state: CellState; readonly size?: number }) {
  return (
    <svg viewBox="0 0 13 13" width={size} height={size} aria-hidden="true">
      {state === "half" && <path d="M1.5 11.5v-8a2 2 0 0 1 2-2h8Z" fill="currentColor" />}
      <rect
        x="1"
        y="1"
        width="11"
        height="11"
        rx="2.5"
        fill={state === "solid" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.6"
      />
    </svg>
  );
}
