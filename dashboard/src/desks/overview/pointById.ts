// Points by their ids: `E001/TK101.LT01`. The service finds by tag; which of them it is, is seen here.

import { toValue, type MaybeRefOrGetter } from "vue";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import type { Point } from "./register";

const MOST = 500;

async function askPoint(id: string): Promise<Point | null> {
  const [enterprise = "", tag = ""] = [id.slice(0, id.indexOf("/")), id.slice(id.indexOf("/") + 1)];
  const query = { enterprise: [enterprise], text: tag, limit: MOST };
  const page = await answer(client.GET("/points", { params: { query } }));
  return page.points.find((point) => point.id === id) ?? null;
}

/** In the order of the ids; null: the register has no such point. */
export function usePoints(ids: MaybeRefOrGetter<readonly string[]>) {
  return useAsked(
    () => ["points", "by-id", toValue(ids).join()],
    () => Promise.all(toValue(ids).map(askPoint)),
    { keep: true },
  );
}
