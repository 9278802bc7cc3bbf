import { type ReactNode, useEffect, useRef } from "react";
import {
  breakConnection,
  contextOf,
  counterOf,
  epochOf,
  expiriesAt,
  flightsOf,
  type HeldSession,
  lastZxidOf,
  logOf,
  majorityOf,
  roleOf,
  serverOf,
  sessionsAt,
  type Sid,
  US_PER_SECOND,
} from "../../engine/index";
import { useLiveWords } from "../i18n/packs";
import { fill, useLabWords } from "../i18n/text";
import { tenths } from "../lab/format";
import type { LabStore } from "../lab/store";
import { useLab } from "../lab/useLab";
import { Glyph } from "./Glyph";
import { glyphNameOf, letterOf } from "./glyphs";
import { connectionWords, endName, fieldsOf, packetTitle } from "./messages";
import { longZxid, shortZxid } from "./zxidText";
import styles from "./Overlays.module.css";

/** Inside one server: what an operator would ask it. */
export function ServerPopover({
  store,
  sid,
  onClose,
}: {
  store: LabStore;
  sid: Sid;
  onClose: () => void;
}) {
  const words = { ...useLabWords(), ...useLiveWords() };
  useLab((state) => state.history.now.servers);
  useLab((state) => Math.floor(state.history.now.nowUs / 100_000));
  const world = store.get().history.now;
  const server = serverOf(world, sid);
  const context = contextOf(server);
  const role = roleOf(server);
  const looking = role === "LOOKING" && context !== null;
  const votes = looking ? Object.entries(context.recvset) : [];
  const forIts = looking
    ? votes.filter(
        ([, vote]) =>
          vote.leader === context.proposal.leader && vote.zxid === context.proposal.zxid,
      ).length
    : 0;
  const log = logOf(server, 5).toReversed();
  const sessions = sessionsAt(world, server);
  const expiries = expiriesAt(server);
  const mode = context?.following?.syncMode ?? null;
  const { inspector } = words.menu;
  return (
    <Popover title={fill(inspector.title, { sid })} onClose={onClose}>
      <dl className={styles.facts}>
        <Row name={inspector.role}>{role}</Row>
        <Row name={inspector.currentEpoch}>{server.disk.currentEpoch ?? "–"}</Row>
        <Row name={inspector.acceptedEpoch}>{server.disk.acceptedEpoch ?? "–"}</Row>
        <Row name={inspector.lastZxid}>{longZxid(lastZxidOf(server))}</Row>
        {mode !== null && <Row name={inspector.syncedBy}>{mode}</Row>}
        {looking && (
          <>
            <Row name={inspector.round}>{context.round}</Row>
            <Row name={inspector.vote}>
              {fill(inspector.voteText, {
                sid: context.proposal.leader,
                zxid: shortZxid(context.proposal.zxid),
              })}
            </Row>
          </>
        )}
      </dl>
      {looking && (
        <section>
          <h4 className={styles.subtitle}>{inspector.received}</h4>
          <ul className={styles.votes}>
            {votes.map(([from, vote]) => (
              <li key={from}>
                <span>{fill(words.stage.serverName, { sid: from })}</span>
                <Glyph name="NOTIFICATION" letter={vote.leader} size={16} />
                <span className={styles.mono}>{shortZxid(vote.zxid)}</span>
                <span className={styles.quiet}>
                  {fill(words.stage.phase.round, { n: vote.round })}
                </span>
              </li>
            ))}
          </ul>
          <p className={styles.quiet}>
            {fill(inspector.forIts, {
              n: forIts,
              sid: context.proposal.leader,
              need: majorityOf(world),
            })}
          </p>
        </section>
      )}
      <section>
        <h4 className={styles.subtitle}>{inspector.log}</h4>
        {log.length === 0 ? (
          <p className={styles.quiet}>{inspector.none}</p>
        ) : (
          <ul className={styles.log}>
            {log.map((entry) => (
              <li key={entry.zxid}>
                <span
                  className={entry.committed ? styles.cell : styles.cellHollow}
                  aria-hidden="true"
                />
                <span className={styles.mono}>{shortZxid(entry.zxid)}</span>
                <span className={styles.what}>
                  {entry.txn.body.type} {"path" in entry.txn.body ? entry.txn.body.path : ""}
                </span>
                <span className={styles.quiet}>
                  {entry.committed
                    ? inspector.committed
                    : entry.synced
                      ? inspector.logged
                      : inspector.memory}
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {sessions.length > 0 && (
        <section>
          <h4 className={styles.subtitle}>{inspector.sessions}</h4>
          <ul className={styles.sessions}>
            {sessions.map((session) => (
              <Session key={session.id} session={session} />
            ))}
          </ul>
        </section>
      )}
      {expiries.length > 0 && (
        <section>
          <h4 className={styles.subtitle}>{inspector.expiries}</h4>
          <ul className={styles.sessions}>
            {expiries.map(({ id, expiresUs, closing }) => (
              <li key={id}>
                <span className={styles.mono}>{id}</span>
                <span className={styles.quiet}>
                  {closing
                    ? inspector.closing
                    : fill(inspector.expires, {
                        t: (expiresUs / US_PER_SECOND).toFixed(1),
                        left: tenths(Math.max(0, expiresUs - world.nowUs) / US_PER_SECOND),
                      })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Popover>
  );
}

function Session({ session }: { session: HeldSession }) {
  const { inspector } = useLiveWords().menu;
  const { stage } = useLabWords();
  const { id, client, timeoutMs, ephemerals, watches } = session;
  return (
    <li>
      <span>
        {client === null ? inspector.unknownClient : fill(stage.clientName, { name: client })}
      </span>
      <span className={styles.mono}>{id}</span>
      <span className={styles.quiet}>
        {[
          fill(inspector.timeout, { seconds: timeoutMs / 1_000 }),
          ...(ephemerals.length > 0 ? [ephemerals.join(", ")] : []),
          ...(watches > 0 ? [fill(stage.watches, { n: watches })] : []),
        ].join(" · ")}
      </span>
    </li>
  );
}

/** One message: what it says, what it rides on, and what dropping it would take along. Gone when it has arrived. */
export function MessagePopover({
  store,
  flight: number,
  onClose,
}: {
  store: LabStore;
  flight: number;
  onClose: () => void;
}) {
  const words = { ...useLabWords(), ...useLiveWords() };
  const network = useLab((state) => state.history.now.network);
  const nowUs = useLab((state) => Math.floor(state.history.now.nowUs / 100) * 100);
  const world = store.get().history.now;
  const found = flightsOf({ ...world, network }).find((one) => one.flight.number === number);
  useEffect(() => {
    if (found === undefined) onClose();
  }, [found, onClose]);
  if (found === undefined) return null;
  const { flight, connection } = found;
  const { packet, to } = flight;
  const name = glyphNameOf(packet) ?? "PING";
  const { message } = words.menu;
  const ends = connectionWords(connection);
  const waits = flight.heldUs === null && flight.arriveUs <= nowUs;
  return (
    <Popover
      title={packetTitle(packet)}
      glyph={<Glyph name={name} letter={letterOf(packet)} />}
      subtitle={words.glyph[name === "PINGBACK" ? "pong" : name]}
      onClose={onClose}
    >
      <dl className={styles.facts}>
        {fieldsOf(packet, (zxid) =>
          epochOf(zxid) === 0 && counterOf(zxid) === 0 ? "0x0" : longZxid(zxid),
        ).map(([field, value]) => (
          <Row key={field} name={words.packet[field]}>
            {value}
          </Row>
        ))}
      </dl>
      <dl className={styles.facts}>
        <Row name={message.connection}>{fill(message.connectionText, ends)}</Row>
        <Row name={message.sent}>{(flight.sentUs / US_PER_SECOND).toFixed(4)} s</Row>
        <Row name={message.arrives}>
          {flight.heldUs !== null
            ? message.held
            : waits && to.kind === "server"
              ? fill(message.waiting, { sid: to.sid })
              : fill(message.in, { ms: ((flight.arriveUs - nowUs) / 1000).toFixed(1) })}
        </Row>
      </dl>
      <p className={styles.way}>
        {fill(message.way, { from: endName(words, flight.from), to: endName(words, to) })}
      </p>
      <button
        type="button"
        className={styles.drop}
        onClick={() => {
          onClose();
          store.dispatch(breakConnection(connection.number));
        }}
      >
        {fill(words.menu.drop, ends)}
      </button>
    </Popover>
  );
}

function Popover({
  title,
  subtitle,
  glyph,
  children,
  onClose,
}: {
  title: string;
  subtitle?: string;
  glyph?: ReactNode;
  children: ReactNode;
  onClose: () => void;
}) {
  const words = useLiveWords().menu;
  const self = useRef<HTMLDivElement>(null);
  useEffect(() => self.current?.focus({ preventScroll: true }), []);
  return (
    // Escape closes it, wherever the focus is inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={self}
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      className={styles.popover}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={styles.head}>
        {glyph}
        <div className={styles.titles}>
          <h3 className={glyph === undefined ? styles.title : styles.messageTitle}>{title}</h3>
          {subtitle !== undefined && <p className={styles.quiet}>{subtitle}</p>}
        </div>
        <button type="button" className={styles.close} aria-label={words.close} onClick={onClose}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      {children}
    </div>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
