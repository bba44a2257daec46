// Names of the delivered packs of rules, in both languages; a pack of the site's own is shown by its id.

import { defineWords, wordFor } from "@/words/language";

const names = defineWords({
  zh: {
    gas: "气体",
    instrument: "仪表状态",
    level: "液位",
    oxygen: "氧含量",
    pressure: "压力",
    temperature: "温度",
    system: "系统自身",
  },
  en: {
    gas: "gas",
    instrument: "instrument conditions",
    level: "level",
    oxygen: "oxygen",
    pressure: "pressure",
    temperature: "temperature",
    system: "the system itself",
  },
});

export const packName = (pack: string): string => wordFor(names.value, pack);
