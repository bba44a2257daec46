import "./design/tokens.css";
import "./design/base.css";
import "./design/theme";
import "./words/language";
import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";
import App from "./App.vue";
import { queries } from "./service/asking";
import { router } from "./shell/router";

createApp(App).use(VueQueryPlugin, { queryClient: queries }).use(router).mount("#app");

// On a phone the screens open from what was kept; without HTTPS a browser has no such worker.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  void navigator.serviceWorker.register("/app/sw.js", { scope: "/app/" }).catch(() => undefined);
}
