import type { Lesson } from "../lesson";

/** Fast Leader Election: ids, predictions and hints. Prose in en.mdx and zh.mdx, questions in quiz.ts, cluster in lab.ts. */
export const lesson: Lesson = {
  id: "L13",
  slug: "fast-leader-election",
  labs: [
    {
      id: "cold-start",
      title: { en: "One at a time, from empty disks", zh: "空磁盘，逐台启动" },
      checks: [
        {
          id: "c5",
          label: {
            en: "Started one at a time, server 3 of 5 led",
            zh: "逐台启动五台，服务器 3 当选",
          },
          hints: [
            {
              en: "How many votes of five are there after each start?",
              zh: "每启动一台之后，五票中有了几票？",
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
            en: "In this run the order is already different: another server led first, or server 5 was started before 3 led. Start the cluster over and begin with server 1.",
            zh: "这一轮的顺序已经变了：要么先当选的是别的服务器，要么服务器 3 还没当上领导者，服务器 5 就启动了。把集群重置，从服务器 1 开始。",
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
              zh: "现在服务器 3 是领导者。它停掉以后，别的服务器会做什么？它回来时，它们又会告诉它什么？",
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
      order: [1, 2, 3, 4, 5],
      options: [
        {
          id: "1",
          text: { en: "1, it was first", zh: "1，它最先启动" },
          why: {
            en: "Being first counts for nothing. Alone, server 1 has one vote of five and can only wait.",
            zh: "先来没有用。只有它自己时，服务器 1 在五票中只有一票，只能等。",
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
            zh: "编号大，只在一起投票的服务器之间才占优势。5 来的时候，投票已经结束了。",
          },
        },
        {
          id: "none",
          text: { en: "nobody before all five run", zh: "五台没到齐之前没有领导者" },
          why: {
            en: "A majority of the configured five is enough: three.",
            zh: "配置里是五台，凑成多数派就够了，也就是三台。",
          },
        },
      ],
    },
    { kind: "next leader", id: "next-leader", lab: "cold-start" },
  ],
  quiz: ["L13q1", "L13q2", "L13q3", "L13q4", "L13q5"],
};
