// How long alarms may be put aside here; read once, it changes with a restart of the service only.

import { answer, client } from "@/service/client";
import { useAsked } from "@/service/asking";

export const usePolicy = () => useAsked(["alarm-policy"], () => answer(client.GET("/alarms/policy"))).data;
