// The parts of a CAP 1.2 document that a person reads before it goes out.

export type CapField =
  "kind" | "sent" | "headline" | "event" | "severity" | "urgency" | "description" | "instruction" | "area";

const ELEMENTS: Record<CapField, string> = {
  kind: "msgType",
  sent: "sent",
  headline: "headline",
  event: "event",
  severity: "severity",
  urgency: "urgency",
  description: "description",
  instruction: "instruction",
  area: "areaDesc",
};
const NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2";

export interface CapInfo {
  language: string;
  fields: { field: CapField; text: string }[];
}

/** One for each language of the document, in its order; empty when it cannot be read. */
export function readCap(document: string): CapInfo[] {
  const parsed = new DOMParser().parseFromString(document, "application/xml");
  if (parsed.querySelector("parsererror")) return [];
  const texts = (within: Element | Document, name: string): string[] =>
    [...within.getElementsByTagNameNS(NAMESPACE, name)].map((found) => found.textContent.trim());
  return [...parsed.getElementsByTagNameNS(NAMESPACE, "info")].map((info) => ({
    language: texts(info, "language")[0] ?? "",
    fields: (Object.entries(ELEMENTS) as [CapField, string][]).flatMap(([field, name]) => {
      const found = texts(field === "kind" || field === "sent" ? parsed : info, name);
      return found.length && found.join("") ? [{ field, text: found.join("; ") }] : [];
    }),
  }));
}
