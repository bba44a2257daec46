// Filters that stand in the address: `const state = useInAddress("state")`, "" when it is not there.

import { computed, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

export function useInAddress(name: string, otherwise = ""): WritableComputedRef<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => {
      const value = route.query[name];
      return typeof value === "string" ? value : otherwise;
    },
    set: (wanted) => {
      const others = Object.entries(route.query).filter(([known]) => known !== name);
      if (wanted !== otherwise) others.push([name, wanted]);
      void router.replace({ query: Object.fromEntries(others) });
    },
  });
}
