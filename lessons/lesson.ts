/** One thing said in both languages. */
export interface InBoth {
  readonly en: string;
  readonly zh: string;
}

/** One answer a learner can choose, and why it is right or tempting. */
export interface Option {
  readonly id: string;
  readonly text: InBoth;
  readonly right?: true;
  readonly why: InBoth;
}

/** A question asked before the lab's first server starts, with answers fixed in the lesson. */
export interface FixedPrediction {
  readonly kind: "fixed";
  readonly id: string;
  readonly lab: string;
  readonly question: InBoth;
  readonly options: readonly Option[];
  /** The order of starting that it asks about. */
  readonly order: readonly number[];
}

/** A question asked at the first kill of a leader; its answer and its reason come from the engine. */
export interface NextLeaderPrediction {
  readonly kind: "next leader";
  readonly id: string;
  readonly lab: string;
}

export type Prediction = FixedPrediction | NextLeaderPrediction;

/** One objective of a lab: the sentence of the predicate of the same id in lab.ts. */
export interface CheckWords {
  readonly id: string;
  readonly label: InBoth;
  /** Where to look, what to compare, what to do. */
  readonly hints: readonly [InBoth, InBoth, InBoth];
  /** Said before the hints when the run has gone where this check is not met any more (`detours` in lab.ts). */
  readonly detour: InBoth;
}

export interface LabWords {
  readonly id: string;
  readonly title: InBoth;
  readonly checks: readonly CheckWords[];
}

interface Item {
  readonly id: string;
  readonly tags: readonly string[];
  readonly question: InBoth;
}

export interface ChoiceItem extends Item {
  readonly kind: "single" | "multiple";
  readonly options: readonly Option[];
}

export interface NumericItem extends Item {
  readonly kind: "numeric";
  /** A zxid may be written in hexadecimal, as ZooKeeper prints it. */
  readonly form: "decimal" | "zxid";
  readonly answer: number;
  readonly wrong: readonly { readonly value: number; readonly why: InBoth }[];
  /** Why any other number is not it. */
  readonly otherwise: InBoth;
  readonly why: InBoth;
}

/** A server drawn in a question that is answered by picking one. */
export interface PickServer {
  readonly sid: number;
  readonly epoch: number;
  /** As ZooKeeper prints it; empty for a server that is gone. */
  readonly zxid: string;
  readonly role: "voter" | "observer" | "gone";
  readonly why: InBoth;
}

export interface PickItem extends Item {
  readonly kind: "stage";
  readonly servers: readonly PickServer[];
  readonly answer: number;
}

export type QuizItem = ChoiceItem | NumericItem | PickItem;

/** What of a lesson is neither prose nor engine: its ids, objectives, predictions and hints. */
export interface Lesson {
  readonly id: string;
  readonly slug: string;
  readonly labs: readonly LabWords[];
  readonly predictions: readonly Prediction[];
  /** Ids of its questions; these stand in quiz.ts, which a page fetches when its reader comes near. */
  readonly quiz: readonly string[];
}
