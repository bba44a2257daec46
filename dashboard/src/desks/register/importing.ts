// The import's requests: a file as it is, compared first, and then carried out as it was compared.

import { answer, client, type Schemas } from "@/service/client";

export type Imported = Schemas["RegisterImport"];
export type Item = Schemas["ItemView"];

const asItIs = {
  bodySerializer: (body: unknown) => body as BodyInit,
  headers: { "Content-Type": "application/octet-stream" },
};

export function compare(file: File): Promise<Imported> {
  return answer(
    client.POST("/register/import", {
      params: { query: { file: file.name, dry_run: true } },
      body: file as never,
      ...asItIs,
    }),
  );
}

export function carryOut(file: File, basedOn: string, reason: string): Promise<Imported> {
  return answer(
    client.POST("/register/import", {
      params: { query: { file: file.name, dry_run: false, based_on: basedOn, reason } },
      body: file as never,
      ...asItIs,
    }),
  );
}
