// A permission as a person reads it: `alarm.acknowledge` is 报警：确认.

import { defineWords, several } from "@/words/language";

export const permissionWords = defineWords({
  zh: {
    area: {
      alarm: "报警", answer: "应答链接", approval: "双人复核", audit: "审计", call_up: "叫应", commitment: "安全承诺",
      device: "网关设备", duty_check: "查岗", escalation: "升级规则", figures: "技战指标", key: "密钥", limit: "限值",
      metrics: "运行指标", outbox: "发件箱", point: "测点", publication: "预警发布", quarantine: "隔离消息",
      receiver: "通知对象", register: "台账", report: "报告", rota: "值守表", rule: "规则", shift: "值班", supervision: "督办",
      target: "通知方式", upstream: "上报", user: "用户", warning: "预警", watch: "系统运行",
    },
    act: {
      read: "查看", manage: "管理", change: "修改", acknowledge: "确认", confirm: "核实", reset: "复位", shelve: "搁置",
      agree: "复核", remove_from_service: "停用", silence: "消音", decide: "决定", issue: "发布", issue_high: "发布红橙",
      loosen_gas: "放宽气体二级限值", revoke: "收回", start: "发起", answer: "应答", make: "生成", bureau: "监管部分",
      swap: "换班", own: "本人", sign: "签收", ask: "询问", verify: "核实", close: "关闭", adjust: "人工调整", lower: "降级",
      create: "下达", postpone: "延期", send: "发起", record: "上报", write: "记录", import: "导入", retry: "重新读取",
    },
  },
  en: {
    area: {
      alarm: "alarms", answer: "answering links", approval: "approvals", audit: "audit", call_up: "call-ups",
      commitment: "commitments", device: "devices", duty_check: "duty checks", escalation: "ladders", figures: "figures",
      key: "keys", limit: "limits", metrics: "metrics", outbox: "outbox", point: "points", publication: "publications",
      quarantine: "quarantine", receiver: "receivers", register: "register", report: "reports", rota: "rotas", rule: "rules",
      shift: "shifts", supervision: "supervision orders", target: "ways of telling", upstream: "platforms above",
      user: "users", warning: "warnings", watch: "system health",
    },
    act: {
      read: "see", manage: "manage", change: "change", acknowledge: "acknowledge", confirm: "confirm", reset: "reset",
      shelve: "shelve", agree: "agree", remove_from_service: "take out of service", silence: "silence", decide: "decide",
      issue: "issue", issue_high: "issue red and orange", loosen_gas: "loosen second-level gas", revoke: "revoke",
      start: "start", answer: "answer", make: "make", bureau: "the bureau's", swap: "swap", own: "one's own", sign: "sign",
      ask: "ask", verify: "verify", close: "close", adjust: "set by hand", lower: "lower", create: "give",
      postpone: "postpone", send: "send", record: "record", write: "write", import: "import", retry: "read again",
    },
  },
}); // prettier-ignore

/** Permissions by area, each area with what may be done there; what has no word stands as it is. */
export function permissionTexts(permissions: readonly string[]): string[] {
  const { area, act } = permissionWords.value as Record<"area" | "act", Record<string, string>>;
  const grouped = new Map<string, string[]>();
  for (const permission of permissions) {
    const [where = "", what = ""] = permission.split(".");
    const name = area[where] ?? where;
    grouped.set(name, [...(grouped.get(name) ?? []), act[what] ?? what]);
  }
  return [...grouped].map(([name, acts]) => `${name}: ${several(acts)}`);
}
