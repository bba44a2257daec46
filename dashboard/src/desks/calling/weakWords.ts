import { defineWords } from "@/words/language";

export const words = defineWords({
  zh: {
    title: "叫不到人的升级步骤",
    lead: "报警升级到这些步骤时不会通知到任何人。请在报警发生之前改正。",
    none: "每条升级规则的每一步现在都能通知到人，未来 14 天也是。",
    notYet: "服务启动后尚未检查（一分钟内完成）。",
    place: {
      unacked: (n: number) => `未确认时第 ${n} 步`,
      acked: (n: number) => `确认后第 ${n} 步`,
      top: "最高联系人",
    },
    cause: {
      nobody: "没有对应的通知对象",
      no_way: "通知对象没有此步可用的通知方式",
      sandbox: "只有沙箱方式，不会真正发出",
      gap: (time: string) => `${time} 起无人值守，只剩兜底电话`,
    },
    remedy: {
      nobody: "登记通知对象，并给其账号相应角色；或在升级规则中改为现有的通知对象",
      no_way: "为通知对象添加并启用此步要求的通知方式",
      sandbox: "为通知对象添加短信、电话等真实的通知方式",
      gap: "补上值守表的空档",
    },
    toReceivers: "通知对象",
    toRotas: "值守表",
    toLadders: "升级规则",
    system: "系统自身",
    ofAll: (n: number) => `${n} 家企业的报警`,
    stepsOf: (ladder: string, steps: string) => `${ladder}（${steps}）`,
  },
  en: {
    title: "Steps of ladders that lead to nobody",
    lead: "An alarm that climbs to these steps tells nobody there. Mend them before one comes.",
    none: "Every step of every ladder leads to somebody who can be told, now and in the next 14 days.",
    notYet: "Not looked at yet since the service started (it takes a minute).",
    place: {
      unacked: (n: number) => `Unacknowledged, step ${n}`,
      acked: (n: number) => `Acknowledged, step ${n}`,
      top: "Top contact",
    },
    cause: {
      nobody: "There is no such receiver",
      no_way: "The receivers have no way that this step allows",
      sandbox: "Only the sandbox, which sends nothing",
      gap: (time: string) => `From ${time} nobody is on call but the fallback phone`,
    },
    remedy: {
      nobody: "Enter a receiver and give his account the role; or name receivers that exist in the ladder",
      no_way: "Add and enable a way that this step asks for",
      sandbox: "Add a real way, such as SMS or telephone",
      gap: "Close the gap in the rota",
    },
    toReceivers: "Receivers",
    toRotas: "Rotas",
    toLadders: "Ladders",
    system: "the system itself",
    ofAll: (n: number) => `alarms of ${n} enterprises`,
    stepsOf: (ladder: string, steps: string) => `${ladder} (${steps})`,
  },
});
