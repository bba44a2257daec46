// Names of the kinds of detectors, and of what rules say, in both languages. A kind that is new here is shown by
// the name and the words of its own file.

import { computed } from "vue";
import { language } from "@/words/language";

interface KindWords {
  kind: Record<string, string>;
  field: Record<string, string>;
}

// English: where a name is missing, the name in the files is English itself.
const both: Record<"zh" | "en", KindWords> = {
  zh: {
    kind: {
      combination: "组合判断",
      cusum: "均值漂移",
      deviation: "偏差",
      discrepancy: "冗余不一致",
      drift: "缓慢漂移",
      flatline: "读数不变",
      instrument_signal: "仪表自诊断",
      leak_trend: "微漏趋势",
      limit: "限值",
      mass_balance: "物料平衡",
      noise_loss: "噪声消失",
      off_normal: "异常状态",
      rate_of_change: "变化速率",
      stale: "数据中断",
      stuck: "仪表卡滞",
      time_to_limit: "预计越限",
      voting: "表决",
    },
    field: {
      "when.setpoint": "设定值",
      "when.deadband": "死区",
      "when.side": "方向",
      "when.rate": "速率",
      "when.direction": "变化方向",
      "when.window_s": "时间窗",
      "when.horizon_s": "提前量",
      "when.timeout_s": "中断时限",
      "when.factor": "周期倍数",
      "when.band": "不变带宽",
      "when.rise": "升高量",
      "when.fall_s": "回落时间",
      "when.persist_s": "持续时间",
      "when.smooth_s": "平滑时间",
      "when.learn_s": "学习时间",
      "when.relearn_s": "重新学习时间",
      "when.warmup_s": "预热时间",
      "when.high_by": "高偏差",
      "when.low_by": "低偏差",
      "when.tolerance": "允许差",
      "when.tolerance_m3": "允许差",
      "when.share_of_range": "量程占比",
      "when.drift": "漂移量",
      "when.fast_s": "快速窗",
      "when.slow_s": "慢速窗",
      "when.threshold": "判定门限",
      "when.target": "目标值",
      "when.sigma": "标准差",
      "when.slack": "容许偏移",
      "when.every_s": "取样间隔",
      "when.period_s": "上报周期",
      "when.range_low": "量程下限",
      "when.range_high": "量程上限",
      "when.min_samples": "最少样本数",
      "when.states": "状态",
      "when.normal": "正常状态",
      "when.trip": "异常状态",
      "when.votes": "表决数",
      "when.degrade": "降级方式",
      "when.others": "其他测点",
      "when.rules": "组成规则",
      "when.need": "条件",
      "when.at_least": "至少条数",
      "when.inflows": "进料流量",
      "when.outflows": "出料流量",
      "when.area_m2": "截面积",
      "when.noise": "噪声",
      "when.resolution": "分辨率",
      "when.fraction": "占比",
      "when.significance": "显著性",
      "when.precision": "精度",
      "when.improbable": "不可能度",
      "when.min_s": "最短时间",
      "when.update_s": "更新间隔",
      "when.resting": "静置值",
      "when.max_age_s": "最大数据龄",
      "when.k": "灵敏系数",
      on_delay_s: "报警延时",
      off_delay_s: "恢复延时",
      latched: "锁存",
      priority: "优先级",
      class: "类别",
      name: "名称",
      name_en: "英文名称",
      consequence: "后果",
      consequence_en: "英文后果",
      response: "处置",
      response_en: "英文处置",
      time_to_respond_s: "响应时限",
      suppressed_by: "抑制条件",
    },
  },
  en: {
    kind: {
      combination: "Combination",
      cusum: "Shift of the mean",
      deviation: "Deviation",
      discrepancy: "Discrepancy",
      drift: "Drift",
      flatline: "Flat line",
      instrument_signal: "Instrument's own state",
      leak_trend: "Slow leak",
      limit: "Limit",
      mass_balance: "Mass balance",
      noise_loss: "Lost noise",
      off_normal: "Off normal",
      rate_of_change: "Rate of change",
      stale: "No data",
      stuck: "Stuck",
      time_to_limit: "Time to limit",
      voting: "Voting",
    },
    field: {
      "when.setpoint": "Set-point",
      "when.deadband": "Deadband",
      "when.side": "Side",
      "when.rate": "Rate",
      "when.direction": "Direction",
      "when.window_s": "Window",
      "when.horizon_s": "Ahead by",
      "when.timeout_s": "Time-out",
      "when.share_of_range": "Share of the range",
      "when.tolerance_m3": "Tolerance",
      on_delay_s: "On-delay",
      off_delay_s: "Off-delay",
      latched: "Latch",
      priority: "Priority",
      class: "Class",
      name: "Name",
      name_en: "English name",
      consequence: "Consequence",
      consequence_en: "English consequence",
      response: "Response",
      response_en: "English response",
      time_to_respond_s: "Time to respond",
      suppressed_by: "Suppressed by",
    },
  },
};

const kindWords = computed(() => both[language.value]);

export function kindName(kind: string | null): string {
  return kind ? (kindWords.value.kind[kind] ?? kind) : "—";
}

/** What the service says of a kind and its parameters: in English, with `_zh` beside it where it is known. */
export function kindText<K extends string>(thing: Readonly<Record<K | `${K}_zh`, string>>, name: K): string {
  return (language.value === "zh" && thing[`${name}_zh`]) || thing[name];
}

/** `when.min_samples`: in words, or `min samples`. */
export function fieldName(field: string): string {
  const known = kindWords.value.field[field];
  if (known) return known;
  const plain = field
    .replace(/^when\./, "")
    .replace(/_(s|m2|m3|m3h|kg_m3)$/, "")
    .replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
