// Every page's data comes through here: kept, shared, asked anew when the live link says that it changed.
//
// The first element of a query's key is the topic of the live news that makes it old: `["warnings", id]`.

import { QueryClient, useMutation, useQuery, type QueryKey } from "@tanstack/vue-query";
import { computed, toValue, type MaybeRefOrGetter } from "vue";
import { onNews } from "@/live/desk";
import { asProblem, Problem } from "./problem";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // A refusal stays a refusal; only what never arrived is asked again.
      retry: (failures, error) => asProblem(error).status <= 0 && failures < 2,
    },
    mutations: { retry: false },
  },
});

// A burst of news is one question. What is being asked in this moment may be answered as it was before the
// news, so its topic waits until that answer is there, and is asked once more.
const GATHER_MS = 300;
const EVERYTHING = "";
/** The register changes only when the service starts: megabytes that are not read at each turn of a page. */
const OF_THE_START = "site";
queries.setQueryDefaults([OF_THE_START], { staleTime: Infinity });
let gathered = new Set<string>();

function gather(topic: string): void {
  if (gathered.size === 0) setTimeout(tell, GATHER_MS);
  gathered.add(topic);
}

function tell(): void {
  const topics = gathered;
  gathered = new Set();
  if (topics.has(EVERYTHING)) {
    const stays = (key: QueryKey): boolean => key[0] === OF_THE_START && !topics.has(OF_THE_START);
    void queries.invalidateQueries({ predicate: (query) => !stays(query.queryKey) });
    return;
  }
  for (const topic of topics) {
    if (queries.isFetching({ queryKey: [topic] })) gather(topic);
    else void queries.invalidateQueries({ queryKey: [topic] });
  }
}

onNews((news, anew) => {
  gather(news?.topic ?? EVERYTHING);
  if (anew) gather(OF_THE_START);
});

/**
 * `const { data, query } = useAsked(() => ["warnings", id], () => answer(client.GET(...)))`; `query` is for
 * `<AskState>`. `everyS` asks again and again where no news tells of a change.
 */
export function useAsked<T>(
  key: MaybeRefOrGetter<QueryKey>,
  ask: () => Promise<T>,
  options: { everyS?: number; when?: MaybeRefOrGetter<boolean>; keep?: boolean } = {},
) {
  const query = useQuery<T>({
    queryKey: computed(() => toValue(key)),
    queryFn: ask,
    enabled: computed(() => toValue(options.when ?? true)),
    // Answers are only ever replaced as a whole: no need to watch each of their members.
    shallow: true,
    refetchInterval: options.everyS ? options.everyS * 1000 : false,
    ...(options.keep ? { placeholderData: ((before: T | undefined) => before) as never } : {}),
  });
  const state = computed(() => ({
    isPending: query.isPending.value && toValue(options.when ?? true),
    error: query.error.value,
    refetch: () => void query.refetch(),
  }));
  return { data: query.data, query: state, refetch: () => query.refetch() };
}

/** An action with its failure beside it: `const { run, problem, busy } = useAction((id: string) => answer(...), ["alarms"])`. */
export function useAction<A extends unknown[], R>(act: (...about: A) => Promise<R>, topics: string[] = []) {
  const mutation = useMutation<R, unknown, A>({
    mutationFn: (about) => act(...about),
    onSettled: () => Promise.all(topics.map((topic) => queries.invalidateQueries({ queryKey: [topic] }))),
  });
  const problem = computed<Problem | null>(() =>
    mutation.error.value ? asProblem(mutation.error.value) : null,
  );
  return {
    /** Resolves to what was answered, or to undefined when it was refused: `problem` says why. */
    async run(...about: A): Promise<R | undefined> {
      try {
        return await mutation.mutateAsync(about);
      } catch {
        return undefined;
      }
    },
    problem,
    busy: mutation.isPending,
    done: mutation.isSuccess,
    reset: mutation.reset,
  };
}
