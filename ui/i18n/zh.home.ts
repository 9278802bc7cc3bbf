import type { HomeWords } from "./en.home";

/** 首页与课程地图里的话。 */
export const zhHome: HomeWords = {
  home: {
    title: "把 ZooKeeper 集群弄坏，直到你看懂它",
    promise:
      "五台服务器就在这一页里运行。停掉领导者，看其余几台怎样一条消息一条消息地选出新领导者；再把时间倒回去，看看为什么什么也没丢。",
    start: "从 {number} 开始",
    goOn: "继续学 {number}",
    again: "再看一遍 {number}",
    done: "共 {all} 课，已学完 {done} 课",
    cluster: "一个正在运行的集群",
    caption: "点一台服务器，把它弄坏",
    loading: "正在启动五台服务器",
  },
  map: {
    title: "课程",
    module: "模块 {number}",
    coming: "即将推出",
    minutes: "{n} 分钟",
    buildsOn: "建议先学 {numbers}",
    cell: { hollow: "未开始", half: "已开始", solid: "已学完" },
    here: "从这里开始",
    hereAgain: "学到这里",
  },
};
