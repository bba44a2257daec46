// Filters live in the address: a list can be sent to a colleague, and Back leads to what was seen before.

import { computed, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

/** One value of the address; empty leaves it out. */
export function useAddress(name: string): WritableComputedRef<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => {
      const value = route.query[name];
      return typeof value === "string" ? value : "";
    },
    set: (value) => {
      const query = { ...route.query, [name]: value || undefined };
      void router.replace({ query });
    },
  });
}
