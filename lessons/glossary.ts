import type { InBoth } from "./lesson";

export interface GlossaryTerm {
  readonly term: InBoth;
  readonly says: InBoth;
}

/** The terms that lessons explain in place. Loaded when the first of them is opened. */
export const glossary: Readonly<Record<string, GlossaryTerm>> = {
  sid: {
    term: { en: "server id (sid)", zh: "服务器编号" },
    says: {
      en: "The number of a server, kept in its myid file and used in server.N.",
      zh: "服务器的编号，保存在 myid 文件中，对应 server.N。",
    },
  },
  quorum: {
    term: { en: "quorum", zh: "法定人数" },
    says: {
      en: "A set of voters large enough to decide; by default any majority.",
      zh: "足以作出决定的一组投票成员，默认为任意多数派。",
    },
  },
  majority: {
    term: { en: "majority", zh: "多数派" },
    says: { en: "More than half of the configured voters.", zh: "超过半数的已配置投票成员。" },
  },
  observer: {
    term: { en: "observer", zh: "观察者（observer）" },
    says: {
      en: "A non-voting server that applies commits and serves clients.",
      zh: "不投票、只应用已提交事务并服务客户端的服务器。",
    },
  },
  looking: {
    term: { en: "LOOKING", zh: "LOOKING 状态" },
    says: {
      en: "State of a server that is searching for a leader and not serving.",
      zh: "正在寻找领导者、暂不提供服务的状态。",
    },
  },
  fle: {
    term: { en: "Fast Leader Election (FLE)", zh: "快速领导者选举" },
    says: {
      en: "ZooKeeper's election algorithm comparing epoch, zxid and id.",
      zh: "依次比较纪元、zxid 与编号的选举算法。",
    },
  },
  vote: {
    term: { en: "vote (ballot) / notification", zh: "选票 / 通知" },
    says: {
      en: "Message carrying a server's current choice and its history.",
      zh: "携带当前所选候选者及其历史信息的消息。",
    },
  },
  epoch: {
    term: { en: "epoch", zh: "纪元（epoch）" },
    says: {
      en: "Number of a leader's term; every new leader uses a higher one.",
      zh: "领导者任期的编号，新领导者使用更大的编号。",
    },
  },
  zxid: {
    term: { en: "zxid", zh: "事务编号（zxid）" },
    says: {
      en: "64-bit transaction id: epoch in the high half, counter in the low half.",
      zh: "64 位事务编号，高 32 位为纪元，低 32 位为计数。",
    },
  },
};
