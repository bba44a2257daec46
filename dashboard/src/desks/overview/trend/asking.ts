// History of one point, asked of the service.

import { answer, client, type Schemas } from "@/service/client";
import { asProblem } from "@/service/problem";

type Trend = Schemas["Trend"];

export const nsOf = (seconds: number): number => Math.round(seconds * 1e3) * 1e6;

/** A kept connection between service and gateway may end in the very moment of asking: then once more. */
export async function askTrend(id: string, from: number, to: number, most: number): Promise<Trend> {
  const query = { start: nsOf(from), end: nsOf(to), max_points: most };
  const ask = () =>
    answer(client.GET("/points/{point_id}/trend", { params: { path: { point_id: id }, query } }));
  try {
    return await ask();
  } catch (error) {
    if (asProblem(error).kind !== "gateway-unreachable") throw error;
    return await ask();
  }
}
