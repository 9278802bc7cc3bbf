import type { Copy } from "../copy";
import type { Cnxn, ClientService } from "./clientService";
import type { FileWork } from "./fileWork";
import type { Client, Network, Process, Server, World } from "./world";

// What is copied at every step: see ../copy.ts.

export function copyOfWorld(world: World): Copy<World> {
  return {
    seed: world.seed,
    variant: world.variant,
    library: world.library,
    mutants: world.mutants,
    delays: world.delays,
    nowUs: world.nowUs,
    steps: world.steps,
    nextNumber: world.nextNumber,
    queue: world.queue,
    servers: world.servers,
    clients: world.clients,
    clientsMade: world.clientsMade,
    ledgers: world.ledgers,
    bare: world.bare,
    network: world.network,
    lastCommitted: world.lastCommitted,
    attached: world.attached,
    facts: world.facts,
  };
}

export function copyOfServer(server: Server): Copy<Server> {
  return {
    sid: server.sid,
    zooCfg: server.zooCfg,
    myid: server.myid,
    jvmFlags: server.jvmFlags,
    disk: server.disk,
    process: server.process,
    paused: server.paused,
    down: server.down,
    draws: server.draws,
  };
}

export function copyOfProcess(process: Process): Copy<Process> {
  return {
    number: process.number,
    startedUs: process.startedUs,
    config: process.config,
    chart: process.chart,
    tree: process.tree,
    sessions: process.sessions,
    lastProcessed: process.lastProcessed,
    unsavedSnap: process.unsavedSnap,
    committedLog: process.committedLog,
    pendingTxns: process.pendingTxns,
    ahead: process.ahead,
    serving: process.serving,
    service: process.service,
    watches: process.watches,
    electionQueue: process.electionQueue,
    lastNotification: process.lastNotification,
    electionDialing: process.electionDialing,
    syncs: process.syncs,
    timers: process.timers,
    readers: process.readers,
    files: process.files,
    busy: process.busy,
  };
}

export function copyOfClient(client: Client): Copy<Client> {
  return {
    name: client.name,
    setup: client.setup,
    address: client.address,
    chart: client.chart,
    timers: client.timers,
    lastHeardUs: client.lastHeardUs,
    lastSentUs: client.lastSentUs,
    pingDueUs: client.pingDueUs,
    searchMs: client.searchMs,
    attempts: client.attempts,
    handles: client.handles,
    behaviour: client.behaviour,
    program: client.program,
    news: client.news,
    paused: client.paused,
    down: client.down,
    draws: client.draws,
  };
}

export function copyOfFileWork(fileWork: FileWork): Copy<FileWork> {
  return {
    writing: fileWork.writing,
    snapshotting: fileWork.snapshotting,
    snapshotApart: fileWork.snapshotApart,
    syncBeganUs: fileWork.syncBeganUs,
    appended: fileWork.appended,
    leftBytes: fileWork.leftBytes,
    dueCount: fileWork.dueCount,
    dueBytes: fileWork.dueBytes,
    syncDead: fileWork.syncDead,
    failed: fileWork.failed,
    epochFiles: fileWork.epochFiles,
    thresholds: fileWork.thresholds,
  };
}

export function copyOfClientService(clientService: ClientService): Copy<ClientService> {
  return {
    mode: clientService.mode,
    cnxns: clientService.cnxns,
    bySession: clientService.bySession,
    byAddress: clientService.byAddress,
    pending: clientService.pending,
    writes: clientService.writes,
    inProcess: clientService.inProcess,
    revalidating: clientService.revalidating,
    tracker: clientService.tracker,
    local: clientService.local,
    touched: clientService.touched,
    nextSession: clientService.nextSession,
  };
}

export function copyOfCnxn(cnxn: Cnxn): Copy<Cnxn> {
  return {
    number: cnxn.number,
    address: cnxn.address,
    sessionId: cnxn.sessionId,
    timeoutMs: cnxn.timeoutMs,
    ids: cnxn.ids,
    initialized: cnxn.initialized,
    receiving: cnxn.receiving,
    unread: cnxn.unread,
    outstanding: cnxn.outstanding,
    idleUs: cnxn.idleUs,
    lastZxidSeen: cnxn.lastZxidSeen,
  };
}

export function copyOfNetwork(network: Network): Copy<Network> {
  return {
    connections: network.connections,
    cuts: network.cuts,
    clientCuts: network.clientCuts,
    blockedPorts: network.blockedPorts,
    slow: network.slow,
    holding: network.holding,
    opened: network.opened,
  };
}
