import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import {
  blockPort,
  type Command,
  cut,
  heal,
  isCut,
  kill,
  openPort,
  pause,
  resume,
  serverOf,
  type Sid,
  start,
} from "../../engine/index";
import { useLiveWords } from "../i18n/packs";
import { fill } from "../i18n/text";
import { useLab } from "../lab/useLab";
import type { LabStore } from "../lab/store";
import styles from "./Overlays.module.css";

const PORTS = [2181, 2888, 3888];

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
      {runs && (
        <Item hint="P" onPress={() => act(server.paused === null ? pause(sid) : resume(sid))}>
          {server.paused === null ? words.pause : words.resume}
        </Item>
      )}
      {servers.length > 1 && (
        <div role="group" aria-label={words.cut} className={styles.row}>
          <span className={styles.rowName} aria-hidden="true">
            {words.cut}
          </span>
          {servers
            .filter((other) => other.sid !== sid)
            .map((other) => {
              const silenced = isCut(world, sid, other.sid) || isCut(world, other.sid, sid);
              return (
                <Toggle
                  key={other.sid}
                  name={fill(words.cutTo, { sid: other.sid })}
                  on={silenced}
                  onPress={() => act(silenced ? heal(sid, other.sid) : cut(sid, other.sid))}
                >
                  {other.sid}
                </Toggle>
              );
            })}
        </div>
      )}
      <div role="group" aria-label={words.block} className={styles.row}>
        <span className={styles.rowName} aria-hidden="true">
          {words.block}
        </span>
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
      </div>
      <Item onPress={onInspect}>{words.inspect}</Item>
    </div>
  );
}

function Item({
  children,
  hint,
  danger = false,
  onPress,
}: {
  children: ReactNode;
  hint?: string;
  danger?: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={`${styles.item} ${danger ? styles.danger : ""}`}
      aria-keyshortcuts={hint}
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
