// Words that several pages of administration share; each page has its own beside it.

import { defineWords } from "@/words/language";

export const words = defineWords({
  zh: {
    pages: {
      health: "系统运行",
      users: "用户",
      keys: "密钥",
      devices: "网关设备",
      approvals: "双人复核",
      audit: "审计",
    },
    scope: {
      title: "可见范围",
      everything: "全部企业（含以后新增）",
      some: "指定企业与地区",
      enterprises: "企业",
      regions: "城市与区县",
      nothing: "没有任何企业",
      all: "全部企业",
      count: (n: number) => `等 ${n} 家企业`,
    },
    onceTitle: "只显示这一次",
    once: "关闭后无法再看到，请现在就抄下或复制。",
    kept: "我已保存",
    never: "从未",
    actions: "操作",
  },
  en: {
    pages: {
      health: "System health",
      users: "Users",
      keys: "Keys",
      devices: "Gateway devices",
      approvals: "Two-person approvals",
      audit: "Audit",
    },
    scope: {
      title: "May see",
      everything: "All enterprises, those to come too",
      some: "Certain enterprises and regions",
      enterprises: "Enterprises",
      regions: "Cities and districts",
      nothing: "No enterprise",
      all: "All enterprises",
      count: (n: number) => `${n} enterprises in all`,
    },
    onceTitle: "Shown only now",
    once: "It cannot be seen again once this is closed: write it down or copy it now.",
    kept: "I have kept it",
    never: "never",
    actions: "Actions",
  },
});
