// Every text of the page in both languages. A key that is missing in one of them fails a test.

export const TEXTS = {
  zh: {
    title: "重大危险源监测",
    other: "English",
    login: "请输入操作员密钥",
    loginHelp: "密钥由管理员用 hazardwatch operator add 生成，只显示一次。",
    key: "密钥",
    enter: "进入",
    signOut: "退出",
    viewOnly: "{name}（仅查看）",
    keyRefused: "密钥无效或已收回。",
    alarms: "报警",
    noAlarms: "没有待处理的报警",
    values: "实时值",
    point: "测点",
    value: "数值",
    quality: "质量",
    age: "距今",
    acknowledge: "确认",
    acknowledged: "已由 {by} 于 {time} 确认",
    acknowledgeFailed: "未记录：{why}",
    notRecordedYet: "尚未记录…",
    serviceAway: "报警服务没有应答",
    shown: "显示 {shown} / 共 {open}",
    open: "{open} 条",
    moreBelow: "↓ 还有 {n} 条",
    connecting: "正在连接",
    connected: "连接正常",
    lost: "连接中断 {seconds} 秒",
    lostNotice: "与报警服务的连接已中断：以下内容停留在 {time}，不是实时数据。",
    silent: "网关 {gateway} 已 {seconds} 秒没有发送数据：以下数值不是最新的。",
    noGateway: "自报警服务启动以来没有网关发送数据。",
    trendWait: "正在读取历史…",
    trendEmpty: "此时段没有数据",
    trendFailed: "无法读取历史：{why}",
    gatewayUnreachable: "网关不可达",
    historyUnavailable: "历史库不可用",
    unknownPoint: "台账中没有此测点",
    actionRefused: "已有人确认",
    roleRequired: "您只有查看权限",
    failed: "服务返回 {status}",
    close: "关闭",
    hours: "{n} 小时",
    minutes: "{n} 分钟",
    extremes: "最低 {min}　最高 {max} {unit}",
    response: "处置：",
    consequence: "后果：",
    returned: "恢复于 {time}",
    onsetValue: "触发值 {value}",
    currentValue: "当前 {value}",
    outOfService: "停用",
    noData: "无数据",
    LOW: "低",
    MEDIUM: "中",
    HIGH: "高",
    CRITICAL: "紧急",
    UNACK: "未确认",
    ACKED: "已确认",
    RTNUN: "已恢复未确认",
    LUNACK: "已锁存未确认",
    LACKED: "已锁存已确认",
    SHLVD: "已搁置",
    DSUPR: "按设计抑制",
    OOSRV: "已停用",
    NORM: "正常",
    good: "正常",
    uncertain: "存疑",
    uncertain_last_usable_value: "沿用旧值",
    uncertain_sensor_not_accurate: "精度存疑",
    uncertain_over_range: "超量程",
    uncertain_under_range: "低于量程",
    uncertain_over_range_locked: "超量程锁定",
    uncertain_timestamp: "时钟存疑",
    bad: "无效",
    bad_no_communication: "通信中断",
    bad_sensor_failure: "传感器故障",
    bad_device_failure: "设备故障",
    bad_out_of_service: "停用",
    bad_check_function: "检验中",
    bad_configuration_error: "配置错误",
    bad_signal_low: "信号过低",
    bad_signal_high: "信号过高",
    bad_beam_blocked: "光路遮挡",
    bad_waiting_for_initial_data: "尚无数据",
  },
  en: {
    title: "Major hazard monitoring",
    other: "中文",
    login: "Operator key",
    loginHelp: "An administrator makes the key with hazardwatch operator add; it is shown once.",
    key: "Key",
    enter: "Enter",
    signOut: "Sign out",
    viewOnly: "{name} (view only)",
    keyRefused: "The key is not valid, or was withdrawn.",
    alarms: "Alarms",
    noAlarms: "No alarm needs anybody",
    values: "Live values",
    point: "Point",
    value: "Value",
    quality: "Quality",
    age: "Age",
    acknowledge: "Acknowledge",
    acknowledged: "Acknowledged by {by} at {time}",
    acknowledgeFailed: "Not recorded: {why}",
    notRecordedYet: "Not recorded yet…",
    serviceAway: "the alert service does not answer",
    shown: "{shown} shown of {open}",
    open: "{open}",
    moreBelow: "↓ {n} more",
    connecting: "Connecting",
    connected: "Connected",
    lost: "Link lost for {seconds} s",
    lostNotice: "The link to the alert service is lost: what you see is of {time}, not live.",
    silent: "Gateway {gateway} has sent nothing for {seconds} s: the values below are not current.",
    noGateway: "No gateway has sent values since the alert service started.",
    trendWait: "Reading history…",
    trendEmpty: "No samples in this range",
    trendFailed: "History cannot be read: {why}",
    gatewayUnreachable: "the gateway cannot be reached",
    historyUnavailable: "the history is not available",
    unknownPoint: "the register has no such point",
    actionRefused: "somebody has acknowledged it already",
    roleRequired: "you may look, but not act",
    failed: "the service answered {status}",
    close: "Close",
    hours: "{n} h",
    minutes: "{n} min",
    extremes: "lowest {min}  highest {max} {unit}",
    response: "Response: ",
    consequence: "Consequence: ",
    returned: "returned {time}",
    onsetValue: "{value} at onset",
    currentValue: "{value} now",
    outOfService: "Out of service",
    noData: "No data",
    LOW: "Low",
    MEDIUM: "Medium",
    HIGH: "High",
    CRITICAL: "Critical",
    UNACK: "Unacknowledged",
    ACKED: "Acknowledged",
    RTNUN: "Over, unacknowledged",
    LUNACK: "Latched, unacknowledged",
    LACKED: "Latched, acknowledged",
    SHLVD: "Shelved",
    DSUPR: "Suppressed by design",
    OOSRV: "Out of service",
    NORM: "Normal",
    good: "Good",
    uncertain: "Uncertain",
    uncertain_last_usable_value: "Last usable value",
    uncertain_sensor_not_accurate: "Not accurate",
    uncertain_over_range: "Over range",
    uncertain_under_range: "Under range",
    uncertain_over_range_locked: "Over range, locked",
    uncertain_timestamp: "Clock uncertain",
    bad: "Bad",
    bad_no_communication: "No communication",
    bad_sensor_failure: "Sensor failure",
    bad_device_failure: "Device failure",
    bad_out_of_service: "Out of service",
    bad_check_function: "Being checked",
    bad_configuration_error: "Wrong configuration",
    bad_signal_low: "Signal too low",
    bad_signal_high: "Signal too high",
    bad_beam_blocked: "Beam blocked",
    bad_waiting_for_initial_data: "No data yet",
  },
};

const KEPT = "hazardwatch.language";
let language = localStorage.getItem(KEPT) === "en" ? "en" : "zh";

export function say(key, parts = {}) {
  const text = TEXTS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(parts[name] ?? ""));
}

export function isChinese() {
  return language === "zh";
}

export function switchLanguage() {
  language = isChinese() ? "en" : "zh";
  localStorage.setItem(KEPT, language);
}

// The name in the chosen language where the alarm or point has one.
export function nameOf(thing) {
  return (!isChinese() && thing.name_en) || thing.name || thing.tag || thing.id;
}

// Put the texts into every element that asks for one.
export function fillTexts() {
  document.documentElement.lang = isChinese() ? "zh-CN" : "en";
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
}

// 99 s, 99 min, 47 h, 3 d: one unit, rounded down, and fine enough to see it grow.
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const units = isChinese() ? ["秒", "分", "小时", "天"] : [" s", " min", " h", " d"];
  if (whole < 100) return whole + units[0];
  if (whole < 6000) return Math.floor(whole / 60) + units[1];
  if (whole < 172800) return Math.floor(whole / 3600) + units[2];
  return Math.floor(whole / 86400) + units[3];
}

export function timeOfDay(nanoseconds) {
  const date = new Date(nanoseconds / 1e6);
  const sameDay = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString("zh-CN", { hour12: false });
  return sameDay ? time : `${date.getMonth() + 1}-${date.getDate()} ${time}`;
}

const UNITS = { degC: "℃", degF: "℉", deg: "°", "m3/h": "m³/h", "m3/s": "m³/s", "Nm3/h": "Nm³/h", "mg/m3": "mg/m³" };

export function unitText(unit) {
  return UNITS[unit] ?? unit;
}

export function numberText(value) {
  if (value === null || value === undefined) return "—";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) return value.toExponential(2);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.1 || size === 0 ? 2 : 4);
}
