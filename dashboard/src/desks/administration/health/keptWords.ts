import { defineWords } from "@/words/language";

/** Where every message stays in the sandbox: none of them is called sent. */
export const keptWords = defineWords({
  zh: {
    outboxText: (waiting: number, kept: number, failed: number) =>
      `等待 ${waiting}，一天内已存入沙箱 ${kept}（未发送），放弃 ${failed}`,
  },
  en: {
    outboxText: (waiting: number, kept: number, failed: number) =>
      `${waiting} waiting; within a day ${kept} kept in the sandbox (not sent), ${failed} given up`,
  },
});
