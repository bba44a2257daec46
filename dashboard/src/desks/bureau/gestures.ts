// How a map is moved: dragged, pinched, by wheel, by double click and by keys; the same on every ground.

import { onBeforeUnmount, onMounted, type Ref } from "vue";
import { moved, zoomed, type Pixel, type View } from "./mercator";

const WHEEL_PIXELS_PER_ZOOM = 350;
const LINE_PIXELS = 16; // a wheel that counts in lines
const KEY_PIXELS = 90;
const CLICK_PIXELS = 5; // a press that moved less is a click

export function useGestures(box: Readonly<Ref<HTMLElement | null>>, view: Ref<View | null>) {
  const fingers = new Map<number, Pixel>();
  let travelled = 0;

  const place = (event: PointerEvent | WheelEvent | MouseEvent): Pixel => {
    const edge = box.value?.getBoundingClientRect();
    return { x: event.clientX - (edge?.left ?? 0), y: event.clientY - (edge?.top ?? 0) };
  };
  const change = (how: (view: View) => View): void => {
    if (view.value) view.value = how(view.value);
  };

  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, place(event));
  }

  function move(event: PointerEvent): void {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    const step = Math.hypot(now.x - before.x, now.y - before.y);
    travelled += step;
    if (travelled >= CLICK_PIXELS && !box.value?.hasPointerCapture(event.pointerId))
      box.value?.setPointerCapture(event.pointerId);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (!other) change((seen) => moved(seen, before.x - now.x, before.y - now.y));
    else {
      const [wide, narrow] = [distance(now, other), distance(before, other)];
      if (narrow > 0 && wide > 0)
        change((seen) =>
          zoomed(seen, Math.log2(wide / narrow), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }),
        );
    }
  }

  function up(event: PointerEvent): void {
    fingers.delete(event.pointerId);
  }

  /** The click at the end of a drag is none: it must not open what happened to lie under it. */
  function click(event: MouseEvent): void {
    if (travelled < CLICK_PIXELS) return;
    travelled = 0;
    event.stopPropagation();
    event.preventDefault();
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1);
    change((seen) => zoomed(seen, -pixels / WHEEL_PIXELS_PER_ZOOM, place(event)));
  }

  function twice(event: MouseEvent): void {
    change((seen) => zoomed(seen, event.shiftKey ? -1 : 1, place(event)));
  }

  function key(event: KeyboardEvent): void {
    const steps: Record<string, (seen: View) => View> = {
      ArrowLeft: (seen) => moved(seen, -KEY_PIXELS, 0),
      ArrowRight: (seen) => moved(seen, KEY_PIXELS, 0),
      ArrowUp: (seen) => moved(seen, 0, -KEY_PIXELS),
      ArrowDown: (seen) => moved(seen, 0, KEY_PIXELS),
      "+": nearer,
      "=": nearer,
      "-": further,
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(step);
  }

  onMounted(() => {
    const element = box.value;
    if (!element) return;
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"] as const) element.addEventListener(end, up);
    element.addEventListener("click", click, true);
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("dblclick", twice);
    element.addEventListener("keydown", key);
  });
  onBeforeUnmount(() => fingers.clear());
  return {
    nearer: () => change(nearer),
    further: () => change(further),
  };
}

const middle = (seen: View): Pixel => ({ x: seen.width / 2, y: seen.height / 2 });
const nearer = (seen: View): View => zoomed(seen, 1, middle(seen));
const further = (seen: View): View => zoomed(seen, -1, middle(seen));
const distance = (a: Pixel, b: Pixel): number => Math.hypot(a.x - b.x, a.y - b.y);
