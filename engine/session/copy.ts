import type { Copy } from "../copy";
import type { ClientContext } from "./context";

/** Copied at every step: see ../copy.ts. */
export function copyOfClientContext(clientContext: ClientContext): Copy<ClientContext> {
  return {
    name: clientContext.name,
    library: clientContext.library,
    hosts: clientContext.hosts,
    server: clientContext.server,
    chroot: clientContext.chroot,
    canBeReadOnly: clientContext.canBeReadOnly,
    connection: clientContext.connection,
    everConnected: clientContext.everConnected,
    readOnly: clientContext.readOnly,
    sessionIsReal: clientContext.sessionIsReal,
    requestedTimeoutMs: clientContext.requestedTimeoutMs,
    timeoutMs: clientContext.timeoutMs,
    sessionId: clientContext.sessionId,
    password: clientContext.password,
    lastZxidSeen: clientContext.lastZxidSeen,
    nextCxid: clientContext.nextCxid,
    outgoing: clientContext.outgoing,
    pending: clientContext.pending,
    auths: clientContext.auths,
    watches: clientContext.watches,
    keeperState: clientContext.keeperState,
    closing: clientContext.closing,
    replies: clientContext.replies,
  };
}
