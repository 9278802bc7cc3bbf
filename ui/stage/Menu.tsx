import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import {
  blockPort,
  type Command,
  cut,
  cutOneWay,
  freeDisk,
  fullDisk,
  heal,
  healOneWay,
  isCut,
  kill,
  openPort,
  pause,
  powerLoss,
  resume,
  serverOf,
  type Sid,
  slowDisk,
  slowLink,
  start,
  stop,
  type World,
} from "../../engine/index";
import { useLiveWords } from "../i18n/packs";
import { fill } from "../i18n/text";
import { useLab } from "../lab/useLab";
import type { LabStore } from "../lab/store";
import { slowMsOf } from "./linkShapes";
import styles from "./Overlays.module.css";

const PORTS = [2181, 2888, 3888];
/** How slow a slow link and a slow disk of the menu are. */
const SLOWER_MS = 200;
const SLOW_FSYNC_MS = 500;

/** Everything that can be done to a server, for those who do not use the hands. */
export function ServerMenu({
  store,
  sid,
  onClose,
  onInspect,
}: {
  store: LabStore;
  sid: Sid;
  onClose: () => void;
  onInspect: () => void;
}) {
  const words = useLiveWords().menu;
  const menu = useRef<HTMLDivElement>(null);
  const servers = useLab((state) => state.history.now.servers);
  const network = useLab((state) => state.history.now.network);
  const world = store.get().history.now;
  const server = serverOf(world, sid);
  const runs = server.process !== null;
  const [more, setMore] = useState(false);
  const others = servers.filter((other) => other.sid !== sid).map((other) => other.sid);
  useEffect(() => menu.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus(), []);

  function act(command: Command): void {
    store.dispatch(command);
    onClose();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const index = items.findIndex((item) => item === document.activeElement);
    const to = (next: number) => items[(next + items.length) % items.length]?.focus();
    if (event.key === "ArrowDown" || event.key === "ArrowRight") to(index + 1);
    else if (event.key === "ArrowUp" || event.key === "ArrowLeft") to(index - 1);
    else if (event.key === "Home") to(0);
    else if (event.key === "End") to(items.length - 1);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key !== "Enter" && event.key !== " ") {
      event.stopPropagation();
      return;
    }
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  }

  return (
    <div
      ref={menu}
      role="menu"
      tabIndex={-1}
      aria-label={fill(words.of, { sid })}
      className={styles.menu}
      onKeyDown={onKeyDown}
    >
      <p className={styles.menuTitle} role="presentation">
        {fill(words.of, { sid })}
      </p>
      <Item hint="K" onPress={() => act(runs ? kill(sid) : start(sid))} danger={runs}>
        {runs ? words.kill : words.start}
      </Item>
      {runs && <Item onPress={() => act(stop(sid))}>{words.stop}</Item>}
      {runs && (
        <Item hint="P" onPress={() => act(server.paused === null ? pause(sid) : resume(sid))}>
          {server.paused === null ? words.pause : words.resume}
        </Item>
      )}
      {others.length > 0 && (
        <Row name={words.cut}>
          {others.map((other) => {
            const silenced = isCut(world, sid, other) && isCut(world, other, sid);
            return (
              <Toggle
                key={other}
                name={fill(words.cutTo, { sid: other })}
                on={silenced}
                onPress={() => act(silenced ? heal(sid, other) : cut(sid, other))}
              >
                {other}
              </Toggle>
            );
          })}
        </Row>
      )}
      <Row name={words.block}>
        {PORTS.map((port) => {
          const blocked = network.blockedPorts.some((one) => one.sid === sid && one.port === port);
          return (
            <Toggle
              key={port}
              name={fill(words.blockPort, { port })}
              on={blocked}
              onPress={() => act(blocked ? openPort(sid, port) : blockPort(sid, port))}
            >
              {port}
            </Toggle>
          );
        })}
      </Row>
      {more ? (
        <MoreWays world={world} sid={sid} others={others} act={act} />
      ) : (
        <Item onPress={() => setMore(true)} stays>
          {words.more}
        </Item>
      )}
      <Item onPress={onInspect}>{words.inspect}</Item>
    </div>
  );
}

/** What is seldom done: the first of it takes the focus from the item that opened it. */
function MoreWays({
  world,
  sid,
  others,
  act,
}: {
  world: World;
  sid: Sid;
  others: readonly Sid[];
  act: (command: Command) => void;
}) {
  const words = useLiveWords().menu;
  const self = useRef<HTMLDivElement>(null);
  useEffect(() => self.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus(), []);
  const { disk, process } = serverOf(world, sid);
  const isSlow = disk.slowUs > 0;
  return (
    <div ref={self} role="presentation">
      {process !== null && (
        <Item danger onPress={() => act(powerLoss(sid))}>
          {words.powerLoss}
        </Item>
      )}
      {others.length > 0 && (
        <Row name={words.cutOneWay}>
          {others.map((other) => {
            const silenced = isCut(world, sid, other);
            return (
              <Toggle
                key={other}
                name={fill(words.cutOneWayTo, { sid: other })}
                on={silenced}
                onPress={() => act(silenced ? healOneWay(sid, other) : cutOneWay(sid, other))}
              >
                {other}
              </Toggle>
            );
          })}
        </Row>
      )}
      {others.length > 0 && (
        <Row name={words.slow}>
          {others.map((other) => {
            const slow = slowMsOf(world, sid, other) > 0;
            return (
              <Toggle
                key={other}
                name={fill(words.slowTo, { sid: other, ms: SLOWER_MS })}
                on={slow}
                onPress={() => act(slowLink(sid, other, slow ? 0 : SLOWER_MS))}
              >
                {other}
              </Toggle>
            );
          })}
        </Row>
      )}
      <Row name={words.disk}>
        <Toggle
          name={fill(words.diskSlowName, { ms: SLOW_FSYNC_MS })}
          on={isSlow}
          onPress={() => act(slowDisk(sid, isSlow ? 0 : SLOW_FSYNC_MS))}
        >
          {words.diskSlow}
        </Toggle>
        <Toggle
          name={words.diskFullName}
          on={disk.full}
          onPress={() => act(disk.full ? freeDisk(sid) : fullDisk(sid))}
        >
          {words.diskFull}
        </Toggle>
      </Row>
    </div>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={name} className={styles.row}>
      <span className={styles.rowName} aria-hidden="true">
        {name}
      </span>
      {children}
    </div>
  );
}

function Item({
  children,
  hint,
  danger = false,
  stays = false,
  onPress,
}: {
  children: ReactNode;
  hint?: string;
  danger?: boolean;
  /** It opens more of the same menu. */
  stays?: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={`${styles.item} ${danger ? styles.danger : ""}`}
      aria-keyshortcuts={hint}
      aria-expanded={stays ? false : undefined}
      onClick={onPress}
    >
      {children}
      {hint !== undefined && (
        <kbd className={styles.key} aria-hidden="true">
          {hint}
        </kbd>
      )}
    </button>
  );
}

function Toggle({
  children,
  name,
  on,
  onPress,
}: {
  children: ReactNode;
  name: string;
  on: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      role="menuitemcheckbox"
      aria-checked={on}
      aria-label={name}
      tabIndex={-1}
      className={`${styles.toggle} ${on ? styles.toggleOn : ""}`}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
