// Engineering units as people read them; the data keep the words of the register.

/** As in alarm_rules/unit_symbols.yaml, from which the service writes its messages. */
export const SYMBOLS: Readonly<Record<string, string>> = {
  "-": "",
  deg: "°",
  degC: "°C",
  degF: "°F",
  m2: "m²",
  m3: "m³",
  "m3/h": "m³/h",
  "m3/s": "m³/s",
  "Nm3/h": "Nm³/h",
  "mg/m3": "mg/m³",
  "kg/m3": "kg/m³",
  "kgf/cm2": "kgf/cm²",
  mmH2O: "mmH₂O",
  umol: "µmol",
};

/** What is not named there is read as it is written. */
export function unitText(unit: string): string {
  return SYMBOLS[unit] ?? unit;
}
