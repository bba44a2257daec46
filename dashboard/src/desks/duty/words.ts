// What the pages of this area are called.

import { defineWords } from "@/words/language";

export const words = defineWords({
  zh: {
    callUps: "叫应",
    dutyChecks: "查岗",
    commitments: "安全承诺",
    dataQuality: "数据质量",
    figures: "技战指标",
    reports: "值班日报",
    shifts: "交接班",
    wall: "大屏",
  },
  en: {
    callUps: "Call-ups",
    dutyChecks: "Duty checks",
    commitments: "Safety commitments",
    dataQuality: "Data quality",
    figures: "Key figures",
    reports: "Daily reports",
    shifts: "Shifts",
    wall: "Wall display",
  },
});
