// What the quick jump can find, and where it leads.

import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";
import { Building2, Container, Contrast, Gauge, Languages, LogOut, UserRound } from "@lucide/vue";
import { setTheme, darkness } from "@/design/theme";
import type { Schemas } from "@/service/client";
import { logOut } from "@/service/session";
import { inEveryLanguage, language, setLanguage } from "@/words/language";
import { words as common } from "@/words/words";
import type { Entry } from "../desks";
import { words } from "../words";

export type Kind = "page" | "place" | "point" | "action";
export interface Hit {
  key: string;
  kind: Kind;
  title: string;
  /** Where or what it is, in a few words. */
  about: string;
  icon: Component;
  /** All its names, for the search among what is known here. */
  names: string[];
  to?: RouteLocationRaw;
  act?: () => unknown;
}

/** A page is found by its name in both languages, and by its address. */
export const pageHits = (entries: readonly Entry[]): Hit[] =>
  entries.map((entry) => ({
    key: `page/${entry.to}`,
    kind: "page",
    title: entry.label(),
    about: words.value.groups[entry.group],
    icon: entry.icon,
    names: [entry.to, ...Object.values(inEveryLanguage(entry.label))],
    to: { name: entry.to },
  }));

/** `atBureau`: an installation is looked at from the bureau's desk, else in the control room. */
export const installationHits = (
  enterprises: readonly Schemas["EnterpriseView"][],
  atBureau: boolean,
): Hit[] =>
  enterprises.flatMap((enterprise) =>
    enterprise.installations.map((one) => ({
      key: `installation/${enterprise.id}/${one.id}`,
      kind: "place" as const,
      title: one.name,
      about: enterprise.name,
      icon: Building2,
      names: [one.name, one.id, enterprise.name, enterprise.id, enterprise.district],
      to: {
        name: atBureau ? "installation" : "overview",
        params: { enterprise: enterprise.id, installation: one.id },
      },
    })),
  );

/** The units that these points stand at, each once: the service finds points by the names of their units. */
export function unitHits(
  points: readonly Schemas["PointView"][],
  enterprises: readonly Schemas["EnterpriseView"][],
): Hit[] {
  const placeOf = (enterprise: string, installation: string): string =>
    enterprises.find((one) => one.id === enterprise)?.installations.find((one) => one.id === installation)
      ?.name ?? `${enterprise}/${installation}`;
  const units = new Map<string, Hit>();
  for (const { enterprise, installation, unit, unit_name } of points) {
    if (!unit) continue;
    units.set(`${enterprise}/${installation}/${unit}`, {
      key: `unit/${enterprise}/${installation}/${unit}`,
      kind: "place",
      title: unit_name || unit,
      about: placeOf(enterprise, installation),
      icon: Container,
      names: [unit, unit_name],
      to: { name: "unit", params: { enterprise, installation, unit } },
    });
  }
  return [...units.values()];
}

export const pointHits = (points: readonly Schemas["PointView"][]): Hit[] =>
  points.map((point) => ({
    key: `point/${point.id}`,
    kind: "point",
    title: point.tag,
    about: [point.name, point.unit_name].filter(Boolean).join(" · "),
    icon: Gauge,
    names: [point.tag, point.name],
    to: { name: "point", params: { id: point.id } },
  }));

/** What can be done from everywhere. */
export function actionHits(): Hit[] {
  const action = (key: string, title: string, icon: Component, names: string[], rest: Partial<Hit>): Hit => ({
    key: `action/${key}`,
    kind: "action",
    title,
    about: "",
    icon,
    names: [key, title, ...names],
    ...rest,
  });
  const other = language.value === "zh" ? "en" : "zh";
  const theme = darkness.value ? "light" : "dark";
  return [
    action("theme", words.value.themeIs(words.value.theme[theme]), Contrast, ["dark light 深色 浅色"], {
      act: () => setTheme(theme),
    }),
    action("language", common.value.otherLanguage, Languages, ["language 语言"], {
      act: () => setLanguage(other),
    }),
    action("account", words.value.account, UserRound, ["account password 账号 密码"], {
      to: { name: "account" },
    }),
    action("log-out", words.value.logOut, LogOut, ["log out 退出"], { act: () => logOut() }),
  ];
}
