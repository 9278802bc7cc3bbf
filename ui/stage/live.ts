/** What a stage needs only when something moves on it or is opened; fetched with the first of these. */
export { ServerMenu } from "./Menu";
export { connectionWords, packetLabel, packetTitle, serverNear } from "./messages";
export { startPackets } from "./packets";
export { MessagePopover, ServerPopover } from "./Popovers";
