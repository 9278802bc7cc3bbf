import type { QuizItem } from "../lesson";

/** The questions of Fast Leader Election: right answers, and for every option why. */
export const quiz: readonly QuizItem[] = [
  {
    kind: "stage",
    id: "L13q1",
    tags: ["election"],
    question: {
      en: "The leader, server 5, is gone for good. Servers 1, 2 and 3 vote, server 4 is an observer. Pick the next leader.",
      zh: "领导者服务器 5 再也回不来了。服务器 1、2、3 有投票权，服务器 4 是观察者。点出下一任领导者。",
    },
    answer: 2,
    servers: [
      {
        sid: 1,
        epoch: 3,
        zxid: "0x300000010",
        role: "voter",
        why: { en: "Its history is the oldest.", zh: "它的历史最旧。" },
      },
      {
        sid: 2,
        epoch: 3,
        zxid: "0x300000012",
        role: "voter",
        why: { en: "Same epoch, newest zxid.", zh: "纪元相同，zxid 最新。" },
      },
      {
        sid: 3,
        epoch: 3,
        zxid: "0x300000011",
        role: "voter",
        why: {
          en: "Larger id, but server 2 has a newer zxid.",
          zh: "编号更大，但服务器 2 的 zxid 更新。",
        },
      },
      {
        sid: 4,
        epoch: 3,
        zxid: "0x300000012",
        role: "observer",
        why: { en: "Observers cannot be elected.", zh: "观察者不能当选。" },
      },
      {
        sid: 5,
        epoch: 3,
        zxid: "",
        role: "gone",
        why: {
          en: "It is gone, and votes for nobody.",
          zh: "它已经不在了，投不了票，也选不上。",
        },
      },
    ],
  },
  {
    kind: "single",
    id: "L13q2",
    tags: ["election"],
    question: {
      en: "Fresh five-server ensemble, no data, started in the order 5, 4, 3, 2, 1 with pauses. Who leads?",
      zh: "全新的五台集群，没有数据，按 5、4、3、2、1 的顺序逐台启动，每台之间停一停。谁当选？",
    },
    options: [
      {
        id: "5",
        text: { en: "5", zh: "5" },
        right: true,
        why: {
          en: "When 3 starts there are three of five; among 5, 4, 3 the largest id wins.",
          zh: "3 启动时五台中到了三台；5、4、3 里编号最大的当选。",
        },
      },
      {
        id: "3",
        text: { en: "3", zh: "3" },
        why: {
          en: "3 completes the quorum but 5 has the better ballot.",
          zh: "3 凑齐了法定人数，但 5 的选票更好。",
        },
      },
      {
        id: "1",
        text: { en: "1", zh: "1" },
        why: { en: "It joins last; a leader exists.", zh: "它最后才来，领导者已经有了。" },
      },
      {
        id: "none",
        text: { en: "Nobody until all five run", zh: "五台到齐之前没有领导者" },
        why: { en: "A majority is enough.", zh: "有多数派就够了。" },
      },
    ],
  },
  {
    kind: "single",
    id: "L13q3",
    tags: ["paxos"],
    question: {
      en: "A page says ZooKeeper elects its leader with Paxos. Best correction?",
      zh: "有个网页说 ZooKeeper 用 Paxos 选领导者。怎样更正最准确？",
    },
    options: [
      {
        id: "fle",
        text: {
          en: "Fast Leader Election picks the best-informed candidate; Zab then establishes it and replicates writes",
          zh: "快速领导者选举挑出历史最新的候选者；随后由 Zab 协议确立它的地位，并复制写入",
        },
        right: true,
        why: {
          en: "Zab is a primary-backup atomic broadcast protocol.",
          zh: "Zab 是一种主备式的原子广播协议。",
        },
      },
      {
        id: "raft",
        text: { en: "It is Raft", zh: "其实是 Raft" },
        why: {
          en: "Similar aims, different protocol; in Raft terms and votes work differently.",
          zh: "目标相近，协议不同；Raft 的任期和投票规则都不一样。",
        },
      },
      {
        id: "paxos",
        text: {
          en: "It is correct, Zab is another name for Paxos",
          zh: "没有错，Zab 就是 Paxos 的别名",
        },
        why: {
          en: "Zab guarantees order of a primary's whole stream, and recovers it, which plain Paxos does not.",
          zh: "Zab 保证同一个主节点发出的全部写入的顺序，故障后也能恢复这个顺序；朴素的 Paxos 不保证这一点。",
        },
      },
      {
        id: "myid",
        text: {
          en: "There is no election; the largest myid leads",
          zh: "根本没有选举，myid 最大的就是领导者",
        },
        why: { en: "The id only breaks ties.", zh: "编号只在打平时才用得上。" },
      },
    ],
  },
  {
    kind: "multiple",
    id: "L13q4",
    tags: ["election"],
    question: { en: "Which can start an election?", zh: "哪些情况会引发选举？" },
    options: [
      {
        id: "silent-leader",
        text: {
          en: "Followers hear nothing from the leader for syncLimit ticks",
          zh: "追随者连续 syncLimit 个滴答听不到领导者的消息",
        },
        right: true,
        why: { en: "They go LOOKING.", zh: "它们会进入 LOOKING。" },
      },
      {
        id: "no-quorum",
        text: {
          en: "The leader can no longer count a quorum of followers",
          zh: "领导者身边的追随者凑不够法定人数了",
        },
        right: true,
        why: { en: "It steps down.", zh: "它会主动下台。" },
      },
      {
        id: "larger-id",
        text: { en: "A server with a larger id joins", zh: "一台编号更大的服务器加入" },
        why: { en: "No pre-emption.", zh: "ZooKeeper 里没有抢占。" },
      },
      {
        id: "client",
        text: { en: "A client asks for it", zh: "客户端发出请求" },
        why: {
          en: "Clients have no such command (reconfig that removes the leader triggers a hand-over).",
          zh: "客户端没有这样的命令（用 reconfig 移除领导者会触发交接，那是另一回事）。",
        },
      },
      {
        id: "observer",
        text: { en: "An observer fails", zh: "一台观察者出了故障" },
        why: { en: "Not part of the quorum.", zh: "观察者不算在法定人数里。" },
      },
    ],
  },
  {
    kind: "numeric",
    id: "L13q5",
    tags: ["zxid"],
    question: {
      en: "zxid 0x500000003: what is the epoch (decimal)?",
      zh: "zxid 0x500000003 的纪元是多少（十进制）？",
    },
    form: "decimal",
    answer: 5,
    wrong: [
      {
        value: 3,
        why: { en: "That is the counter in the low 32 bits.", zh: "那是低 32 位里的计数。" },
      },
      {
        value: 500000003,
        why: { en: "It is hexadecimal and has two halves.", zh: "它是十六进制，而且分成两半。" },
      },
    ],
    otherwise: {
      en: "Cut the number in two: the last eight hexadecimal digits are the counter, what stands before them is the epoch.",
      zh: "把它切成两半：最后八位十六进制数字是计数，前面剩下的就是纪元。",
    },
    why: { en: "High 32 bits = 5.", zh: "高 32 位等于 5。" },
  },
];
