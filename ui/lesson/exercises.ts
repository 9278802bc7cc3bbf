/** What a learner works with beside the lab. Comes after the words, together with the lesson's data. */
export { Hints } from "./Hints";
export { LabCard } from "./LabCard";
export { Objectives } from "./Objectives";
export { Prediction } from "./Prediction";
