import { leaderOf } from "../../engine/index";
import type { Prediction } from "../../lessons/lesson";
import type { Gate } from "../lab/store";

/** Holds back the first start and the first kill of a leader until the learner has said what will happen. */
export function gateOf(
  predictions: readonly Prediction[],
  isAnswered: (id: string) => boolean,
): Gate {
  return (command, state) => {
    const asks = predictions.some((prediction) => {
      if (isAnswered(prediction.id)) return false;
      if (prediction.kind === "fixed") return command.type === "start";
      return command.type === "kill" && leaderOf(state.history.now) === command.sid;
    });
    return asks ? "hold" : "go";
  };
}
