// Enterprises and installations in sight, without their units, which are most of the register's tree.

import { useAsked } from "./asking";
import { answer, client } from "./client";

export function usePlaceTree() {
  return useAsked(["site", "places"], () =>
    answer(client.GET("/site", { params: { query: { units: false } } })),
  );
}
