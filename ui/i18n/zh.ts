import type { Words } from "./en";

/** 页面的中文：外壳与课文栏。实验部分的词在 zh.lab.ts，课文的词在各课自己的文件夹里。 */
export const zh: Words = {
  skipToCluster: "跳到集群",
  brand: "Ensemble",
  header: {
    language: "语言",
    inEnglish: "EN",
    inChinese: "中文",
    course: "课程",
    breadcrumbs: "当前位置",
    lessonsDone: "本模块共 {all} 课，已学完 {done} 课",
    doneOf: "已学完 {done}/{all} 课",
    theme: { label: "主题", light: "浅色", dark: "深色", system: "跟随系统" },
  },
  trouble: {
    unsaved: "这个浏览器存不下学习进度。关掉这一页，进度就没了。",
    unreadable:
      "读不出以前保存的学习进度。原来的内容已另存在这个浏览器里，名字是“ensemble.progress.unreadable”；从现在起的进度会重新保存。",
  },
  lesson: {
    number: "第 {number} 课",
    minutes: "{n} 分钟",
    outcomes: "学完这一课，你能够",
    main: "课文",
    cluster: "集群",
    loading: "正在启动五台服务器",
    divider: "课文宽度",
    show: "显示课文",
    hide: "隐藏课文",
    map: "课程地图",
    nextComing: "下一课：{title}",
    coming: "即将推出",
    buildsOn: "建议先学 {number}《{title}》",
    shrink: "缩小集群",
    enlarge: "放大集群",
  },
  lab: {
    label: "实验",
    reset: "重置集群",
    keyboard: "键盘操作：方向键选服务器，K 停掉或启动它，空格键播放或暂停。",
    waiting: "集群正在载入。",
  },
  hints: {
    title: "提示",
    button: "提示",
    level: "第 {n} 条提示，共 3 条",
    none: "目标都完成了，没有更多提示。",
    for: "目标：{label}",
  },
  votes: {
    candidate: "候选者",
    epoch: "纪元",
    zxid: "最后的 zxid",
    sid: "编号",
    server: "服务器 {sid}",
    caption: {
      epoch: "服务器 {sid} 胜在纪元。",
      zxid: "服务器 {sid} 胜在 zxid。",
      sid: "服务器 {sid} 胜在编号。",
    },
    decides: "分出胜负",
  },
  real: {
    title: "在真实的集群上",
    copy: "复制",
    copied: "已复制",
  },
  simpler: "比真实情况简单的地方",
  done: "本课已学完",
};
