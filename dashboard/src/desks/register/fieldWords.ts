// Names of what a register and its rules hold, for people; the key of the file stands small beside them.

import { language } from "@/words/language";

type Names = Record<string, readonly [chinese: string, english: string]>;

const FIELDS: Names = {
  installation: ["重大危险源", "Installation"],
  unit: ["设备", "Unit"],
  tag: ["位号", "Tag"],
  name: ["名称", "Name"],
  quantity: ["被测量", "Quantity"],
  engineering_unit: ["单位", "Unit of measurement"],
  range_low: ["量程下限", "Lower end of the range"],
  range_high: ["量程上限", "Upper end of the range"],
  period_s: ["上报周期", "Period of reports"],
  gateway: ["采集网关", "Device"],
  signal: ["信号", "Signal"],
  latches_over_range: ["超量程锁定", "Latches beyond its range"],
  deadband: ["死区", "Deadband"],
  cas: ["CAS 号", "CAS number"],
  lel_authority: ["爆炸下限依据", "Authority of the LEL"],
  oel_basis: ["接触限值依据", "Basis of the exposure limit"],
  longitude: ["经度", "Longitude"],
  latitude: ["纬度", "Latitude"],
  in_use: ["在用", "In use"],
  "out_of_service.reason": ["停用原因", "Out of service because"],
  "out_of_service.person": ["停用责任人", "Taken out of service by"],
  "out_of_service.since": ["停用起始", "Out of service since"],
  "limits.LL": ["低低限", "Low-low limit"],
  "limits.L": ["低限", "Low limit"],
  "limits.H": ["高限", "High limit"],
  "limits.HH": ["高高限", "High-high limit"],
  kind: ["类型", "Kind"],
  substance: ["介质", "Substance"],
  height_m: ["高度 m", "Height in m"],
  diameter_m: ["直径 m", "Diameter in m"],
  volume_m3: ["容积 m³", "Volume in m³"],
  hazard_class: ["危险源等级", "Hazard class"],
  r_value: ["R 值", "R value"],
  district: ["区县", "District"],
  city: ["城市", "City"],
  plans: ["应急预案", "Emergency plans"],
  persons: ["包保责任人", "Responsible persons"],
  teams: ["应急队伍", "Emergency teams"],
  materials: ["应急物资", "Emergency materials"],
  videos: ["视频", "Cameras"],
};

/** The last part of a rule's name, as the packs give it. */
const RULES: Names = {
  LL: ["低低报", "Low-low"],
  L: ["低报", "Low"],
  H: ["高报", "High"],
  HH: ["高高报", "High-high"],
  TO_H: ["预计到达高限", "High expected"],
  TO_HH: ["预计到达高高限", "High-high expected"],
  LEAK: ["疑似微漏", "Slow leak?"],
  STALE: ["无数据", "No data"],
  FAILURE: ["仪表故障", "Failure"],
  OVER_RANGE: ["超量程", "Beyond its range"],
  CHECK: ["检验或屏蔽中", "Under check"],
  NOT_ACCURATE: ["超出技术规格", "Out of specification"],
  FLATLINE: ["读数不变", "Does not move"],
  STUCK: ["仪表卡滞", "Stuck"],
  DISAGREES: ["冗余不一致", "Gauges disagree"],
  BALANCE: ["物料不平衡", "Mass balance"],
  CONFIRMED: ["多点确认", "Confirmed by several"],
  VOTED: ["表决确认", "Voted"],
  LIFTED: ["安全阀起跳", "Relief valve lifted"],
};

const inWords = (names: Names, key: string): string => names[key]?.[language.value === "zh" ? 0 : 1] ?? "";

/** `limits.H`: 高限. Of a key that is new here, the key itself. */
export function pointFieldName(field: string): string {
  return inWords(FIELDS, field) || field;
}

/** `E001/TK101.LT01.TO_H`: 预计到达高限; empty if its last part is a name that the site gave. */
export function ruleName(rule: string): string {
  return inWords(RULES, rule.slice(rule.lastIndexOf(".") + 1));
}
