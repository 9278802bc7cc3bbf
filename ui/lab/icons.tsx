/** The lab's few line drawings, 16 by 16, in the colour of the text around them. */
const PATHS = {
  look: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8ZM8 6a2 2 0 1 0 .01 0Z",
  break: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8Z",
  step: "M5.2 4.6 8.6 8 5.2 11.4 1.8 8ZM9.6 4.6 13 8 9.6 11.4",
  gauge: "M8 2a6 6 0 1 0 .01 0ZM8 4.4V8l2.4 1.4",
  restart: "M3 8a5 5 0 1 0 1.6-3.7M3 2.4v3h3",
  keys: "M1.5 4h13v8h-13ZM4 6.6h.01M6.7 6.6h.01M9.4 6.6h.01M12 6.6h.01M4.6 9.4h6.8",
  speed: "M2 11a6 6 0 1 1 12 0M8 11l3-4",
} as const;

const SOLID = {
  play: "M4.5 2.8v10.4L13 8Z",
  pause: "M4 3h3v10H4ZM9 3h3v10H9Z",
  back: "M3 3h2v10H3ZM13 3v10L5.8 8Z",
  forward: "M11 3h2v10h-2ZM3 3v10l7.2-5Z",
} as const;

export type IconName = keyof typeof PATHS | keyof typeof SOLID;

export function Icon({ name }: { readonly name: IconName }) {
  const isSolid = name in SOLID;
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {isSolid ? (
        <path d={SOLID[name as keyof typeof SOLID]} fill="currentColor" />
      ) : (
        <path
          d={PATHS[name as keyof typeof PATHS]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
