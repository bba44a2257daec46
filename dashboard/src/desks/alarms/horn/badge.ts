// The count of unanswered alarms where it is seen from another tab: in the title and on the icon.

const SIZE = 32;
const SHOWN_UP_TO = 99;
let plain: string | null = null;

/** `(3) 报警 · Hazardwatch`; the count of before is taken off. */
export function titleWith(count: number, title: string): string {
  const bare = title.replace(/^\(\d+\+?\) /, "");
  return count > 0 ? `(${count}) ${bare}` : bare;
}

/** Draw the count on the tab's icon; without any the plain icon comes back. Colours are those of the tokens. */
export function badge(count: number, ground: string, ink: string): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (!link) return;
  plain ??= link.href;
  link.href = count > 0 ? (drawn(count, ground, ink) ?? plain) : plain;
}

function drawn(count: number, ground: string, ink: string): string | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = ground;
  context.beginPath();
  context.arc(SIZE / 2, SIZE / 2, SIZE / 2, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = ink;
  context.font = `bold ${count > SHOWN_UP_TO ? 15 : 20}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(count > SHOWN_UP_TO ? `${SHOWN_UP_TO}+` : String(count), SIZE / 2, SIZE / 2 + 1);
  return canvas.toDataURL();
}
