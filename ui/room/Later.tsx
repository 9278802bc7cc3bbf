import { useRef } from "react";
import { Timeline } from "../timeline/Timeline";
import { PHONE, useRoomWidth } from "./roomWidth";

export { Shortcuts } from "../lab/Shortcuts";
export { browserClock, startPlayback } from "../lab/playback";
export { EngineFault } from "./Fault";
export { Narration } from "./Narration";

/** The timeline, in the height its room has for it. */
export function RoomTimeline() {
  const self = useRef<HTMLDivElement>(null);
  const width = useRoomWidth(self);
  return (
    <div ref={self}>
      <Timeline compact={width < PHONE} />
    </div>
  );
}
