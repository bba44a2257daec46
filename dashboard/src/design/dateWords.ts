import { defineWords } from "@/words/language";

export const words = defineWords({
  zh: {
    form: { date: "年-月-日", datetime: "年-月-日 时:分", time: "时:分" },
    wrong: (form: string) => `请按“${form}”填写，例如 2026-11-22 14:30 的写法。`,
    choose: "选择日期",
    today: "今天",
    none: "清空",
    before: "上个月",
    after: "下个月",
    month: (month: string) => `${month.slice(0, 4)} 年 ${Number(month.slice(5))} 月`,
    days: { mo: "一", tu: "二", we: "三", th: "四", fr: "五", sa: "六", su: "日" },
  },
  en: {
    form: { date: "YYYY-MM-DD", datetime: "YYYY-MM-DD hh:mm", time: "hh:mm" },
    wrong: (form: string) => `Please type it as ${form}, in the way of 2026-11-22 14:30.`,
    choose: "Choose a date",
    today: "Today",
    none: "Clear",
    before: "Month before",
    after: "Next month",
    month: (month: string) => month,
    days: { mo: "Mo", tu: "Tu", we: "We", th: "Th", fr: "Fr", sa: "Sa", su: "Su" },
  },
});
