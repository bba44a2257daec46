// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { nameCells } from "./stacked";

function tableOf(html: string): HTMLTableElement {
  document.body.innerHTML = `<table>${html}</table>`;
  return document.querySelector("table") as HTMLTableElement;
}
const heads = (): (string | null)[] =>
  [...document.querySelectorAll("td")].map((cell) => cell.getAttribute("data-head"));

describe("rows of a table as cards", () => {
  it("gives every cell the head of its column", () => {
    nameCells(
      tableOf(
        "<thead><tr><th>发出</th><th> 企业 </th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody>",
      ),
    );
    expect(heads()).toEqual(["发出", "企业"]);
  });

  it("shows no head that is only for the ears, and none where there is none", () => {
    nameCells(
      tableOf(
        '<thead><tr><th><span class="hiddenText">操作</span></th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody>',
      ),
    );
    expect(heads()).toEqual(["", ""]);
  });
});
