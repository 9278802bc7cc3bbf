import type { InBoth } from "./lesson";

export interface CourseLesson {
  readonly id: string;
  readonly slug: string;
  readonly title: InBoth;
  readonly minutes: number;
  /** Ids of the lessons it builds on. Nothing is locked; the map only recommends. */
  readonly buildsOn: readonly string[];
  readonly written: boolean;
  /** Where its capsule begins on the map, in columns of 26; later than what it builds on. */
  readonly column: number;
}

export interface CourseModule {
  readonly title: InBoth;
  readonly lessons: readonly CourseLesson[];
}

/** How many columns wide the map is, and a capsule with its title. */
export const MAP_COLUMNS = 26;
export const CAPSULE_COLUMNS = 3;

const COMING = { written: false } as const;
const WRITTEN = { written: true } as const;

/** The course: six modules in order, their lessons in order, and what builds on what. */
export const course: readonly CourseModule[] = [
  {
    title: { en: "Orientation", zh: "入门" },
    lessons: [
      {
        id: "L01",
        slug: "why-coordination",
        title: {
          en: "One lock, two owners: why coordination is hard",
          zh: "一把锁，两个主人：为什么需要协调",
        },
        minutes: 15,
        buildsOn: [],
        column: 0,
        ...COMING,
      },
      {
        id: "L02",
        slug: "znodes-sessions-watches",
        title: {
          en: "Your hands on the tree: znodes, sessions, watches",
          zh: "动手操作数据树：znode、会话与监视",
        },
        minutes: 20,
        buildsOn: ["L01"],
        column: 3,
        ...COMING,
      },
    ],
  },
  {
    title: { en: "Configuration", zh: "配置" },
    lessons: [
      {
        id: "L03",
        slug: "anatomy-of-zoo-cfg",
        title: {
          en: "Anatomy of zoo.cfg: a directory, an identity, three ports",
          zh: "读懂 zoo.cfg：一个目录、一个身份、三个端口",
        },
        minutes: 25,
        buildsOn: ["L02"],
        column: 4,
        ...COMING,
      },
      {
        id: "L04",
        slug: "ensemble-size",
        title: {
          en: "Counting votes: odd, even and the two-node trap",
          zh: "数清选票：奇数、偶数与“双机高可用”陷阱",
        },
        minutes: 20,
        buildsOn: ["L03"],
        column: 7,
        ...COMING,
      },
      {
        id: "L05",
        slug: "ticks-and-timeouts",
        title: {
          en: "Ticks and timeouts: three numbers that decide every delay",
          zh: "时间参数：tickTime、initLimit、syncLimit 与会话超时",
        },
        minutes: 30,
        buildsOn: ["L04"],
        column: 10,
        ...COMING,
      },
    ],
  },
  {
    title: { en: "Roles", zh: "角色" },
    lessons: [
      {
        id: "L06",
        slug: "roles-write-path",
        title: {
          en: "Leader, follower, observer: follow one write",
          zh: "领导者、追随者、观察者：跟随一次写入",
        },
        minutes: 25,
        buildsOn: ["L04"],
        column: 8,
        ...COMING,
      },
      {
        id: "L07",
        slug: "reads-and-sync",
        title: {
          en: "Reads are local: stale values, sync and what is guaranteed",
          zh: "读取在本地：旧值、sync 与一致性保证",
        },
        minutes: 25,
        buildsOn: ["L06"],
        column: 11,
        ...COMING,
      },
    ],
  },
  {
    title: { en: "Management and scaling", zh: "管理与扩展" },
    lessons: [
      {
        id: "L08",
        slug: "start-and-monitor",
        title: { en: "Start an ensemble and read its vital signs", zh: "启动集群并读懂健康指标" },
        minutes: 25,
        buildsOn: ["L05", "L06"],
        column: 11,
        ...COMING,
      },
      {
        id: "L09",
        slug: "scale-with-observers",
        title: {
          en: "Scaling out: more voters or more observers?",
          zh: "扩展集群：增加投票成员还是观察者？",
        },
        minutes: 25,
        buildsOn: ["L08"],
        column: 14,
        ...COMING,
      },
      {
        id: "L10",
        slug: "reconfig-replace-server",
        title: {
          en: "Replace a dead server: dynamic reconfiguration",
          zh: "替换故障服务器：动态重配置",
        },
        minutes: 35,
        buildsOn: ["L09"],
        column: 17,
        ...COMING,
      },
      {
        id: "L11",
        slug: "rolling-restart",
        title: { en: "Rolling restart without losing a session", zh: "滚动重启而不丢失会话" },
        minutes: 25,
        buildsOn: ["L08"],
        column: 20,
        ...COMING,
      },
      {
        id: "L12",
        slug: "backup-and-restore",
        title: {
          en: "Snapshots, logs, purge, backup and restore",
          zh: "快照、事务日志、清理、备份与恢复",
        },
        minutes: 30,
        buildsOn: ["L08"],
        column: 23,
        ...COMING,
      },
    ],
  },
  {
    title: { en: "High availability and recovery", zh: "高可用与故障恢复" },
    lessons: [
      {
        id: "L13",
        slug: "fast-leader-election",
        title: {
          en: "Who will lead? Fast Leader Election, ballot by ballot",
          zh: "谁会当选？逐票看懂快速领导者选举",
        },
        minutes: 30,
        buildsOn: ["L06"],
        column: 12,
        ...WRITTEN,
      },
      {
        id: "L14",
        slug: "zab-what-committed-means",
        title: { en: "Zab: what 'committed' promises", zh: "Zab 协议：“已提交”意味着什么" },
        minutes: 35,
        buildsOn: ["L13"],
        column: 15,
        ...COMING,
      },
      {
        id: "L15",
        slug: "sessions-and-heartbeats",
        title: {
          en: "Heartbeats, disconnects and expiry: the client's story",
          zh: "心跳、断线与过期：客户端的视角",
        },
        minutes: 30,
        buildsOn: ["L05"],
        column: 18,
        ...COMING,
      },
      {
        id: "L16",
        slug: "partitions-and-data-centres",
        title: {
          en: "Split networks and many data centres: 2+2+1",
          zh: "网络分区与多数据中心：2+2+1 部署",
        },
        minutes: 30,
        buildsOn: ["L13", "L15"],
        column: 21,
        ...COMING,
      },
    ],
  },
  {
    title: { en: "Mastery: incidents", zh: "实战：故障演练" },
    lessons: [
      {
        id: "L17",
        slug: "incidents-servers",
        title: { en: "Incident room A: when servers misbehave", zh: "演练室 A：服务器端故障" },
        minutes: 40,
        buildsOn: ["L08", "L13"],
        column: 15,
        ...COMING,
      },
      {
        id: "L18",
        slug: "incidents-clients",
        title: {
          en: "Incident room B: when applications misuse ZooKeeper",
          zh: "演练室 B：应用端故障",
        },
        minutes: 45,
        buildsOn: ["L15"],
        column: 19,
        ...COMING,
      },
      {
        id: "capstone",
        slug: "final-shift",
        title: { en: "The final shift", zh: "最后的值班" },
        minutes: 40,
        buildsOn: ["L17", "L18"],
        column: 23,
        ...COMING,
      },
    ],
  },
];

/** A lesson with its place: number "4.1" is the first lesson of module 4. */
export interface Place {
  readonly lesson: CourseLesson;
  readonly module: CourseModule;
  readonly moduleNumber: number;
  readonly number: string;
}

/** All lessons in the order of the course. */
export const places: readonly Place[] = course.flatMap((module, moduleNumber) =>
  module.lessons.map((lesson, index) => ({
    lesson,
    module,
    moduleNumber,
    number: `${moduleNumber}.${index + 1}`,
  })),
);

/** What a lesson's own page says of its place, in one language. */
export interface LessonPlace {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly minutes: number;
  readonly module: string;
  /** Slugs of all lessons of its module, in order. */
  readonly siblings: readonly string[];
  readonly next: { readonly number: string; readonly title: string } | null;
}

export function lessonPlace(slug: string, lang: keyof InBoth): LessonPlace {
  const at = places.findIndex((place) => place.lesson.slug === slug);
  const place = places[at];
  if (place === undefined) throw new Error(`lesson ${slug} stands in course.ts`);
  const next = places[at + 1];
  return {
    id: place.lesson.id,
    number: place.number,
    title: place.lesson.title[lang],
    minutes: place.lesson.minutes,
    module: place.module.title[lang],
    siblings: place.module.lessons.map((lesson) => lesson.slug),
    next: next === undefined ? null : { number: next.number, title: next.lesson.title[lang] },
  };
}

/** What a title says before its colon or question mark: enough for the map. */
export function headOf(title: string): string {
  return /^[^:：?？]+[?？]?/.exec(title)?.[0] ?? title;
}
