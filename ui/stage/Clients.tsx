import { memo } from "react";
import type { LabWords } from "../i18n/en.lab";
import { fill, useLabWords } from "../i18n/text";
import { arcPath } from "./layout";
import type { ClientShape } from "./clientShapes";
import { Slower } from "./Links";
import styles from "./Clients.module.css";

/** Clients stand outside the ring. Around each drains its session, until the next answer fills it again. */
export const Clients = memo(function Clients({
  clients,
  named,
  roomy,
  serving,
}: {
  clients: readonly ClientShape[];
  /** Is there room for the text under each? */
  named: boolean;
  /** For more than its name? */
  roomy: boolean;
  serving: boolean;
}) {
  return clients.map((client) => (
    <Client key={client.name} client={client} named={named} roomy={roomy} serving={serving} />
  ));
});

const Client = memo(function Client({
  client,
  named,
  roomy,
  serving,
}: {
  client: ClientShape;
  named: boolean;
  roomy: boolean;
  serving: boolean;
}) {
  const words = useLabWords().stage;
  const { at, radius: r, share, state } = client;
  const on = (state === "connected" || state === "readOnly") && client.server !== null;
  const state_ = words.clientStates[state];
  const held = heldWords(words, client);
  const name = on
    ? fill(words.client, {
        name: client.name,
        left: client.leftS,
        timeout: client.timeoutS,
        sid: client.server ?? "",
      })
    : fill(words.clientAway, { name: client.name, state: state_ });
  const parts = [name, ...(state === "readOnly" ? [state_] : []), ...held];
  return (
    <g role="img" aria-label={parts.join(words.comma)}>
      {client.line !== null && (
        <line
          className={on && serving && !client.isCut ? styles.line : styles.lineBroken}
          x1={client.line.from.x}
          y1={client.line.from.y}
          x2={client.line.to.x}
          y2={client.line.to.y}
        />
      )}
      {client.line !== null && client.slowMs > 0 && (
        <Slower
          at={{
            x: (client.line.from.x + client.line.to.x) / 2,
            y: (client.line.from.y + client.line.to.y) / 2,
          }}
          ms={client.slowMs}
        />
      )}
      <g transform={`translate(${at.x} ${at.y})`}>
        <circle className={styles.disc} r={r} />
        <circle className={styles.track} r={r} />
        {client.overdue ? (
          <circle className={styles.overdue} r={r} />
        ) : (
          share > 0 && (
            <path
              className={`${styles.session} ${styles[client.tone]}`}
              d={arcPath(ORIGIN, r, 0, Math.min(share, 0.9999))}
            />
          )
        )}
        {/* Where the client pings: one third of the timeout gone. */}
        {r > 18 && on && (
          <line
            className={styles.tick}
            transform="rotate(240)"
            x1="0"
            y1={-r + 4.5}
            x2="0"
            y2={-r - 4.5}
          />
        )}
        {client.isCut && (
          <g transform={`translate(${Math.round(r * 0.8)} ${-Math.round(r * 0.8)})`}>
            <circle className={styles.cutGround} r="7" />
            <path className={styles.cutMark} d="M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2" />
          </g>
        )}
        {r > 18 ? (
          <>
            <rect className={styles.screen} x="-9" y="-7" width="18" height="14" rx="3" />
            <path className={styles.prompt} d="M-5.2-2.4-2.6 0-5.2 2.4M-0.4 2.8H4" />
          </>
        ) : (
          <text className={styles.letter} y="4.2">
            {client.name}
          </text>
        )}
        {named && (
          <>
            <text className={styles.name} y={r + 19}>
              {client.program === null || !roomy
                ? fill(words.clientName, { name: client.name })
                : fill(words.program, {
                    name: client.name,
                    program: words.programs[client.program] ?? client.program,
                  })}
            </text>
            <text className={client.tone === "last" ? styles.leftLast : styles.left} y={r + 34}>
              {client.overdue
                ? words.oneTick
                : on
                  ? fill(words.left, { left: client.leftS, timeout: client.timeoutS })
                  : state_}
            </text>
            {roomy &&
              parts.slice(1).map((text, index) => (
                <text key={text} className={styles.left} y={r + 48 + 13 * index}>
                  {text}
                </text>
              ))}
          </>
        )}
      </g>
    </g>
  );
});

/** What its program takes itself for, its ephemeral znodes and its watches, where there are any. */
function heldWords(words: LabWords["stage"], client: ClientShape): readonly string[] {
  const { ephemerals, watches, lock } = client;
  return [
    ...(lock === null ? [] : [words.locks[lock]]),
    ...(ephemerals > 0 ? [fill(words.ephemerals, { n: ephemerals })] : []),
    ...(watches > 0 ? [fill(words.watches, { n: watches })] : []),
  ];
}

const ORIGIN = { x: 0, y: 0 };
