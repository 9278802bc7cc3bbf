import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, openSite, type Site, takenOver } from "./browser.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

/** What a person reads, in one language; the rest of the walk is the same. */
interface Words {
  readonly lang: "en" | "zh";
  readonly title: RegExp;
  readonly server: (sid: number) => RegExp;
  readonly is: {
    readonly down: RegExp;
    readonly looking: RegExp;
    readonly leader: RegExp;
    readonly serving: RegExp;
  };
  readonly guess: string;
  readonly lock: string;
  readonly rightGuess: string;
  readonly nextQuestion: string;
  readonly nextGuess: string;
  readonly lockAndKill: string;
  readonly held: RegExp;
  readonly notHeld: RegExp;
  readonly largerId: RegExp;
  readonly objectives: readonly string[];
  readonly reached: RegExp;
  readonly check: string;
  readonly right: string;
  readonly pick: RegExp;
  readonly order: string;
  readonly paxos: string;
  readonly starts: readonly string[];
  readonly allRight: string;
}

const english: Words = {
  lang: "en",
  title: /Who will lead\?/,
  server: (sid) => new RegExp(`^Server ${sid}, `),
  is: {
    down: /down/,
    looking: /looking/,
    leader: /leader, epoch/,
    serving: /follower, epoch [12], running/,
  },
  guess: "5, it has the largest id",
  lock: "Lock in",
  rightGuess: "3, it completes the majority",
  nextQuestion: "You are about to kill server 3, the leader. Who leads next?",
  nextGuess: "Server 5",
  lockAndKill: "Lock in and kill",
  held: /^Held\./,
  notHeld: /^It did not hold\./,
  largerId: /Server 5 and its closest rival had the same epoch and the same zxid/,
  objectives: [
    "Started one at a time, server 3 of 5 led",
    "The former leader came back as a follower",
  ],
  reached: /Done/,
  check: "Check",
  right: "Right",
  pick: /^Pick server 2, /,
  order: "5",
  paxos:
    "Fast Leader Election picks the best-informed candidate; Zab then establishes it and replicates writes",
  starts: [
    "Followers hear nothing from the leader for syncLimit ticks",
    "The leader can no longer count a quorum of followers",
  ],
  allRight: "5 of 5 answered rightly",
};

const chinese: Words = {
  lang: "zh",
  title: /谁会当选/,
  server: (sid) => new RegExp(`^服务器 ${sid}，`),
  is: {
    down: /已停机/,
    looking: /寻找领导者/,
    leader: /领导者，纪元/,
    serving: /追随者，纪元 [12]，运行中/,
  },
  guess: "5，它的编号最大",
  lock: "锁定",
  rightGuess: "3，它凑齐了多数派",
  nextQuestion: "你正要停掉领导者服务器 3。下一任是谁？",
  nextGuess: "服务器 5",
  lockAndKill: "锁定并停掉它",
  held: /^你猜对了/,
  notHeld: /^结果不同/,
  largerId: /服务器 5 和最接近的对手纪元、zxid 都相同，编号大的当选/,
  objectives: ["逐台启动五台，服务器 3 当选", "旧领导者以追随者身份回归"],
  reached: /已完成/,
  check: "提交",
  right: "答对了",
  pick: /服务器 2，/,
  order: "5",
  paxos: "快速领导者选举挑出历史最新的候选者；随后由 Zab 协议确立它的地位，并复制写入",
  starts: ["追随者连续 syncLimit 个滴答听不到领导者的消息", "领导者身边的追随者凑不够法定人数了"],
  allRight: "5 题中答对 5 题",
};

/** The prediction's first answer. */
const FIRST_CHOICE = "input[type=radio]";

/** An election is slowed down for the eye, so it takes some of the walk's time. */
const patience = { timeout: 60_000 };

function server(page: Page, words: Words, sid: number): Locator {
  return page.getByRole("button", { name: words.server(sid) });
}

async function becomes(page: Page, words: Words, sid: number, state: RegExp): Promise<void> {
  const name = new RegExp(`${words.server(sid).source}.*(${state.source})`);
  await page.getByRole("button", { name }).waitFor(patience);
}

/** How the walk acts on a server: by pointer, or by keys alone. */
type Act = (page: Page, words: Words, sid: number) => Promise<void>;

const byPointer: Act = async (page, words, sid) => server(page, words, sid).click();

/** One Tab stop; arrows go from server to server; K kills or starts the focused one. */
const byKeys: Act = async (page, words, sid) => {
  await tabTo(page, /^(Server|服务器) \d/);
  for (let tries = 0; tries < 12; tries += 1) {
    const focused = await focusedName(page);
    if (words.server(sid).test(focused)) break;
    await page.keyboard.press(await towards(page, words, sid));
  }
  expect(await focusedName(page)).toMatch(words.server(sid));
  await page.keyboard.press("k");
};

async function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (focused === null) return "";
    const label = focused.closest("label");
    return focused.getAttribute("aria-label") ?? label?.textContent ?? focused.textContent ?? "";
  });
}

/** Tab until what has the focus answers to this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    if (name.test((await focusedName(page)).trim())) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab reaches ${name}`);
}

/** The arrow that leads to that server, as a person sees it on the stage. */
async function towards(page: Page, words: Words, sid: number): Promise<string> {
  const to = await server(page, words, sid).boundingBox();
  const from = await page.evaluate(() => {
    const box = document.activeElement?.getBoundingClientRect();
    return box === undefined ? null : { x: box.x, y: box.y };
  });
  if (to === null || from === null) throw new Error("both servers stand on the stage");
  const [right, down] = [to.x - from.x, to.y - from.y];
  if (Math.abs(right) > Math.abs(down)) return right > 0 ? "ArrowRight" : "ArrowLeft";
  return down > 0 ? "ArrowDown" : "ArrowUp";
}

/** The lab: predict, start 1 to 5, kill the leader, see a new one, bring the old one back. */
async function walkTheLab(
  page: Page,
  words: Words,
  act: Act,
  choose: (text: string, button: string) => Promise<void>,
) {
  await act(page, words, 1);
  // The first start waits for the prediction.
  await becomes(page, words, 1, words.is.down);
  await answers(page, FIRST_CHOICE);
  await choose(words.guess, words.lock);
  await becomes(page, words, 1, words.is.looking);
  await act(page, words, 2);
  await becomes(page, words, 2, words.is.looking);
  await act(page, words, 3);
  await becomes(page, words, 3, words.is.leader);
  await becomes(page, words, 1, words.is.serving);
  await page.getByText(words.notHeld).first().waitFor(patience);
  await act(page, words, 4);
  await act(page, words, 5);
  // A snapshot gives them the leader's zxid; killed before, the leader would be followed by another.
  await becomes(page, words, 5, /follower.*e1·0|追随者.*e1·0/);
  await becomes(page, words, 4, /follower.*e1·0|追随者.*e1·0/);
  await page
    .getByText(words.objectives[0] ?? "")
    .first()
    .waitFor();
  await act(page, words, 3);
  await page.getByText(words.nextQuestion).waitFor();
  await choose(words.nextGuess, words.lockAndKill);
  await becomes(page, words, 3, words.is.down);
  await becomes(page, words, 5, words.is.leader);
  await page.getByText(words.largerId).waitFor(patience);
  await act(page, words, 3);
  await becomes(page, words, 3, words.is.serving);
  for (const label of words.objectives) {
    await page
      .getByRole("listitem")
      .filter({ hasText: label })
      .filter({ hasText: words.reached })
      .first()
      .waitFor(patience);
  }
}

async function choosesByPointer(page: Page, text: string, button: string): Promise<void> {
  await page.getByRole("radio", { name: text, exact: true }).first().check({ force: true });
  await page.getByRole("button", { name: button, exact: true }).click();
}

async function answersTheQuiz(page: Page, words: Words): Promise<void> {
  const question = (id: string) => page.locator(`#${id}`);
  const submit = (id: string) =>
    question(id).getByRole("button", { name: words.check, exact: true }).click();
  await page.locator("#quiz").scrollIntoViewIfNeeded();
  await answers(page, "#L13q1");
  await question("L13q1").getByRole("button", { name: words.pick }).click();
  await question("L13q2")
    .getByRole("radio", { name: words.order, exact: true })
    .check({ force: true });
  await submit("L13q2");
  await question("L13q3").getByRole("radio", { name: words.paxos }).check({ force: true });
  await submit("L13q3");
  for (const text of words.starts) {
    await question("L13q4").getByRole("checkbox", { name: text }).check({ force: true });
  }
  await submit("L13q4");
  await question("L13q5").getByRole("textbox").fill("5");
  await submit("L13q5");
  for (const id of ["L13q1", "L13q2", "L13q3", "L13q4", "L13q5"]) {
    await question(id).getByText(words.right, { exact: true }).first().waitFor();
  }
  await page.getByText(words.allRight).waitFor();
}

for (const words of [english, chinese]) {
  test(`a person reads, predicts, breaks the cluster and answers (${words.lang}); progress is kept`, async () => {
    await site.visit(`${words.lang}/fast-leader-election/`, async (page) => {
      await takenOver(page);
      await page.getByRole("heading", { level: 1, name: words.title }).waitFor();
      await walkTheLab(page, words, byPointer, (text, button) =>
        choosesByPointer(page, text, button),
      );
      await answersTheQuiz(page, words);
      await page.reload();
      await takenOver(page);
      await page.locator("#quiz").scrollIntoViewIfNeeded();
      await page.getByText(words.allRight).waitFor();
      for (const label of words.objectives) {
        await page
          .getByRole("listitem")
          .filter({ hasText: label })
          .filter({ hasText: words.reached })
          .first()
          .waitFor();
      }
    });
  }, 180_000);
}

test("the same walk works by keyboard alone", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await takenOver(page);
    await walkTheLab(page, english, byKeys, async (text, button) => {
      await tabTo(page, /^(1, it was first|Server 1$)/);
      for (let tries = 0; tries < 6 && (await focusedName(page)).trim() !== text; tries += 1) {
        await page.keyboard.press("ArrowDown");
      }
      await page.keyboard.press("Space");
      await tabTo(page, new RegExp(`^${button}$`));
      await page.keyboard.press("Enter");
    });
  });
}, 180_000);
