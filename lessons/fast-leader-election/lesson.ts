import type { Lesson } from "../lesson";

/** Fast Leader Election: ids, right answers, reasons and hints. The prose is in en.mdx and zh.mdx, the cluster in lab.ts. */
export const lesson: Lesson = {
  id: "L13",
  slug: "fast-leader-election",
  objectives: [
    {
      en: "Given each server's (epoch, zxid, id), name the winner before it happens.",
      zh: "知道每台服务器的（纪元，zxid，编号），就能提前说出谁会当选。",
    },
    {
      en: "Explain why the winner must have the newest history and when the id matters.",
      zh: "讲清为什么当选者的历史必须最新，以及编号什么时候才起作用。",
    },
    {
      en: "Explain why a returning former leader does not take over.",
      zh: "讲清旧领导者回来以后，为什么不会把位置抢回去。",
    },
  ],
  labs: [
    {
      id: "cold-start",
      title: { en: "One at a time, from empty disks", zh: "空磁盘，逐台启动" },
      checks: [
        {
          id: "c5",
          label: { en: "Started one at a time, server 3 of 5 led", zh: "逐台启动时，第三台当选" },
          hints: [
            {
              en: "How many votes of five are there after each start?",
              zh: "每启动一台，五张选票里有了几张？",
            },
            {
              en: "The vote that decides is cast when the third server appears; whoever comes later finds a leader.",
              zh: "第三台出现时投出的那一票定了胜负；之后来的，看到的都是现成的领导者。",
            },
            {
              en: "Start 1, then 2, then 3, with a pause after each. When 3 leads, start 4 and 5.",
              zh: "依次启动 1、2、3，每台之间停一停。3 当上领导者以后，再启动 4 和 5。",
            },
          ],
          detour: {
            en: "In this run another server led first, so the order is already different. Start the cluster over and begin with server 1.",
            zh: "这一轮里先当选的是别的服务器，顺序已经变了。把集群重置，从服务器 1 开始。",
          },
        },
        {
          id: "c4",
          label: {
            en: "The former leader came back as a follower",
            zh: "旧领导者以追随者身份回归",
          },
          hints: [
            {
              en: "Server 3 leads. What do the others do when it dies, and what will they tell it when it returns?",
              zh: "现在服务器 3 是领导者。它死掉以后，别的服务器会做什么？它回来时，它们又会告诉它什么？",
            },
            {
              en: "Look at the states in the votes a returning server receives: FOLLOWING and LEADING, no longer LOOKING.",
              zh: "看看归来的服务器收到的选票里写的状态：是 FOLLOWING 和 LEADING，不再是 LOOKING。",
            },
            {
              en: "Click server 3 to kill it, wait for the new leader, then click server 3 again to start it.",
              zh: "点服务器 3 把它停掉，等新领导者产生，再点服务器 3 把它启动。",
            },
          ],
          detour: {
            en: "This objective is about server 3. In this run it has not led yet: start the cluster over, and start 1, 2, 3 in that order.",
            zh: "这个目标说的是服务器 3，而这一轮里它还没当过领导者。把集群重置，按 1、2、3 的顺序启动。",
          },
        },
      ],
    },
  ],
  predictions: [
    {
      kind: "fixed",
      id: "p2",
      lab: "cold-start",
      question: {
        en: "Five servers with empty disks are started in the order 1, 2, 3, 4, 5, two seconds apart. Who leads?",
        zh: "五台空磁盘的服务器按 1、2、3、4、5 的顺序启动，每台间隔两秒。谁会当选？",
      },
      testedBy: [1, 2, 3],
      options: [
        {
          id: "1",
          text: { en: "1, it was first", zh: "1，它最先启动" },
          why: {
            en: "Being first counts for nothing. Alone, server 1 has one vote of five and can only wait.",
            zh: "先来没有用。只有自己时，服务器 1 手里是五票中的一票，只能等。",
          },
        },
        {
          id: "3",
          text: { en: "3, it completes the majority", zh: "3，它凑齐了多数派" },
          right: true,
          why: {
            en: "With 3 there are three of five. All histories are empty, so the largest id among 1, 2, 3 wins. 4 and 5 find a leader and join.",
            zh: "有了 3，五台里就到了三台。大家的历史都是空的，所以 1、2、3 中编号最大的当选。4 和 5 来的时候已有领导者，直接加入。",
          },
        },
        {
          id: "5",
          text: { en: "5, it has the largest id", zh: "5，它的编号最大" },
          why: {
            en: "The largest id wins only among those that vote. When 5 arrives the vote is over.",
            zh: "编号大，只在一起投票的服务器中才占便宜。5 到的时候，投票已经结束了。",
          },
        },
        {
          id: "none",
          text: { en: "nobody before all five run", zh: "五台没到齐之前没有领导者" },
          why: {
            en: "A majority of the configured five is enough: three.",
            zh: "只要配置中五台的多数派，也就是三台，就够了。",
          },
        },
      ],
    },
    { kind: "next leader", id: "next-leader", lab: "cold-start" },
  ],
  quiz: [
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
            zh: "Zab 保证一个主节点发出的整串写入的顺序，并能恢复这串顺序，朴素的 Paxos 不保证这一点。",
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
          text: { en: "An observer fails", zh: "一台观察者故障" },
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
      why: { en: "High 32 bits = 5.", zh: "高 32 位 = 5。" },
    },
  ],
};
