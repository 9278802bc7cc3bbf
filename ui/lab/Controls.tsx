import type { ReactNode } from "react";
import { fill, useLabWords } from "../i18n/text";
import styles from "./Controls.module.css";
import { formatFactor, SPEED_STEPS, speedAt, stepOfSpeed } from "./format";
import { Icon, type IconName } from "./icons";
import { useLab, useLabStore } from "./useLab";

/** Back, play, forward, and one message on. With `stepFirst` the step is the main button: nothing moves by itself then. */
export function Transport({ stepFirst = false }: { readonly stepFirst?: boolean }) {
  const words = useLabWords().controls;
  const store = useLabStore();
  const playing = useLab((state) => state.playing);
  return (
    <div className={styles["transport"]} role="group" aria-label={words.transport}>
      <div className={styles["row"]}>
        <IconButton
          name="back"
          label={words.previousEvent}
          onPress={() => store.stepEvent(-1)}
          className="side"
        />
        <IconButton
          name={playing ? "pause" : "play"}
          label={playing ? words.pause : words.play}
          onPress={playing ? store.pause : store.play}
          className={stepFirst ? "side" : "main"}
        />
        <IconButton
          name="forward"
          label={words.nextEvent}
          onPress={() => store.stepEvent(1)}
          className="side"
        />
        <button
          type="button"
          className={stepFirst ? styles["step-main"] : styles["step"]}
          title={words.stepHint}
          onClick={() => store.stepMessage(1)}
        >
          <Icon name="step" />
          {words.step}
        </button>
      </div>
      <p className={styles["hints"]} aria-hidden="true">
        <kbd>Space</kbd> {playing ? words.pause : words.play} <kbd>.</kbd> {words.nextMessage}
      </p>
    </div>
  );
}

function IconButton(props: {
  readonly name: IconName;
  readonly label: string;
  readonly onPress: () => void;
  readonly className: "main" | "side";
}) {
  return (
    <button
      type="button"
      className={styles[props.className]}
      data-move={props.name}
      aria-label={props.label}
      title={props.label}
      onClick={props.onPress}
    >
      <Icon name={props.name} />
    </button>
  );
}

/** How fast time runs when the Director does not say, and whether it does. */
export function Speed({ children }: { readonly children?: ReactNode }) {
  const words = useLabWords().controls;
  const store = useLabStore();
  const factor = useLab((state) =>
    state.director && !state.suspended ? state.pace.factor : state.speed,
  );
  const directs = useLab((state) => state.director && !state.suspended);
  return (
    <div className={styles["speed"]}>
      <label className={styles["dial"]}>
        <span>{words.speed}</span>
        <b>{fill(words.factor, { n: formatFactor(factor) })}</b>
        <input
          type="range"
          min={0}
          max={SPEED_STEPS}
          step={1}
          value={Math.max(0, Math.min(SPEED_STEPS, stepOfSpeed(factor)))}
          aria-valuetext={fill(words.speedText, { n: formatFactor(factor) })}
          onChange={(event) => store.setSpeed(speedAt(Number(event.target.value)))}
        />
      </label>
      <div className={styles["row"]}>
        <button
          type="button"
          className={styles["switch"]}
          role="switch"
          aria-checked={directs}
          title={words.directorHint}
          onClick={() => store.setDirector(!directs)}
        >
          <span className={styles["track"]} />
          {words.director}
        </button>
        {children}
      </div>
    </div>
  );
}

/** The same behind a button, where the room is narrow. */
export function SpeedPopover({ children }: { readonly children?: ReactNode }) {
  const words = useLabWords().controls;
  return (
    // It closes as a menu does: on Escape, and when the focus leaves it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <details
      className={styles["popover"]}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.open = false;
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false;
      }}
    >
      <summary aria-label={words.speed} title={words.speed}>
        <Icon name="speed" />
      </summary>
      <div className={styles["sheet"]}>
        <Speed>{children}</Speed>
      </div>
    </details>
  );
}
