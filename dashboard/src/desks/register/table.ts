// A template of a register as a CSV table, with the columns that the service knows (docs/rules.md).

/** Column and its heading in Chinese; the service understands both. */
export const COLUMNS = {
  enterprise: "企业编码",
  enterprise_name: "企业名称",
  district: "区县",
  city: "市",
  installation: "重大危险源编码",
  installation_name: "重大危险源名称",
  hazard_class: "重大危险源等级",
  r_value: "R值",
  unit: "设备编码",
  unit_kind: "设备类型",
  unit_name: "设备名称",
  unit_substance: "存储介质",
  unit_cas: "介质CAS号",
  unit_height_m: "设备高度",
  unit_diameter_m: "设备直径",
  unit_volume_m3: "设备容积",
  main_person: "主要负责人",
  main_phone: "主要负责人电话",
  technical_person: "技术负责人",
  technical_phone: "技术负责人电话",
  operational_person: "操作负责人",
  operational_phone: "操作负责人电话",
  tag: "位号",
  name: "点位名称",
  quantity: "监测类型",
  engineering_unit: "计量单位",
  range_low: "量程下限",
  range_high: "量程上限",
  period_s: "采集周期",
  gateway: "网关编码",
  signal: "信号类型",
  latches_over_range: "latches_over_range",
  deadband: "死区",
  cas: "气体CAS号",
  lel_authority: "爆炸下限依据",
  oel_basis: "职业接触限值依据",
  longitude: "经度",
  latitude: "纬度",
  in_use: "是否在用",
  out_of_service_reason: "停用原因",
  out_of_service_person: "停用人",
  out_of_service_since: "停用时间",
  LL: "低低报",
  L: "低报",
  H: "高报",
  HH: "高高报",
} as const;
type Column = keyof typeof COLUMNS;
type Cell = string | number | boolean | null | undefined;
type Row = Partial<Record<Column, Cell>>;

const EXAMPLE: Row = {
  enterprise: "E001",
  enterprise_name: "示例化工有限公司",
  district: "示例区",
  city: "示例市",
  installation: "H01",
  installation_name: "储罐区重大危险源",
  hazard_class: 2,
  r_value: 62,
  unit: "TK101",
  unit_kind: "storage_tank",
  unit_name: "甲醇储罐 TK101",
  unit_substance: "甲醇",
  unit_cas: "67-56-1",
  unit_height_m: 12,
  unit_diameter_m: 10,
  unit_volume_m3: 900,
  tag: "TK101.LT01",
  name: "TK101 液位",
  quantity: "level",
  engineering_unit: "m",
  range_low: 0,
  range_high: 12,
  period_s: 10,
  signal: "value",
  latches_over_range: false,
  longitude: 117.7,
  latitude: 38.95,
  in_use: true,
  LL: 0.8,
  L: 1.5,
  H: 10,
  HH: 11.2,
};

const names = Object.keys(COLUMNS) as Column[];

/** Lines of a table: a heading, and a line for each row. */
function tableText(rows: readonly Row[], chinese: boolean): string {
  const heading = names.map((name) => (chinese ? COLUMNS[name] : name));
  const lines = rows.map((row) => names.map((name) => cellText(row[name])));
  return [heading, ...lines].map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}
const cellText = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));
const quoted = (text: string): string =>
  /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

export const templateText = (chinese: boolean): string => tableText([EXAMPLE], chinese);
