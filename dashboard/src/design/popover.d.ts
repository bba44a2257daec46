// Attributes of HTML's popovers, which Vue's types do not know yet.

import "@vue/runtime-dom";

declare module "@vue/runtime-dom" {
  interface HTMLAttributes {
    popover?: "auto" | "manual" | "";
  }
  interface ButtonHTMLAttributes {
    popovertarget?: string;
  }
}
