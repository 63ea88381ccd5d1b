import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { HTML_LANGUAGE } from "./format/time.ts";
import { startTexts } from "./i18n.ts";
import { preferencesNow } from "./preferences.ts";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/overview.css";
import "./styles/incidents.css";
import "./styles/entity.css";
import "./styles/narrow.css";

const { language, theme } = preferencesNow();
document.documentElement.lang = HTML_LANGUAGE[language];
document.documentElement.dataset["theme"] = theme;
await startTexts(language);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
