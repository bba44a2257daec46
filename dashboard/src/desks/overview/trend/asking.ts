// History of one point, asked of the service.

import { answer, client, type Schemas } from "@/service/client";

type Trend = Schemas["Trend"];

export const nsOf = (seconds: number): number => Math.round(seconds * 1e3) * 1e6;

export function askTrend(id: string, from: number, to: number, most: number): Promise<Trend> {
  const query = { start: nsOf(from), end: nsOf(to), max_points: most };
  return answer(client.GET("/points/{point_id}/trend", { params: { path: { point_id: id }, query } }));
}
