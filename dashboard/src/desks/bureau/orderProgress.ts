// The colour of an order at a moment. The service sends when it turns; between two answers the page turns by itself.

import type { Schemas } from "@/service/client";

type Order = Pick<Schemas["OrderView"], "soon_at" | "deadline" | "closed_at">;

/** As the service decides it (api/desks/order_progress.py): a closed order keeps the colour of its closing. */
export function progressAt(order: Order, nowNs: number): Schemas["OrderView"]["progress"] {
  const moment = order.closed_at ?? nowNs;
  if (moment >= order.deadline) return "red";
  return moment >= order.soon_at ? "yellow" : "green";
}
