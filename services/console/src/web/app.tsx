import { IconProvider } from "@ant-design/icons";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider, App as KitApp } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { createBrowserRouter, RouterProvider } from "react-router";
import { ApiError } from "./api/request.ts";
import { HTML_LANGUAGE } from "./format/time.ts";
import { IncidentListPage } from "./incidents/incident-list-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import { Loading } from "./parts/loading.tsx";
import { usePreferences } from "./preferences.ts";
import { ErrorBoundary } from "./shell/error-boundary.tsx";
import { SignedIn } from "./shell/signed-in.tsx";
import { themeOf } from "./theme.ts";

const IncidentPage = lazy(() => import("./incident/incident-page.tsx").then((module) => ({ default: module.IncidentPage })));
const EntityListPage = lazy(() => import("./entity/entity-list-page.tsx").then((module) => ({ default: module.EntityListPage })));
const EntityPage = lazy(() => import("./entity/entity-page.tsx").then((module) => ({ default: module.EntityPage })));
const SystemPage = lazy(() => import("./system/system-page.tsx").then((module) => ({ default: module.SystemPage })));

const queries = new QueryClient({
  // A session that ended anywhere is asked about again, which shows the sign-in.
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== "session") void queries.invalidateQueries({ queryKey: ["session"] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});

const router = createBrowserRouter([
  {
    element: <SignedIn />,
    children: [
      { path: "/", element: <OverviewPage /> },
      { path: "/incidents", element: <IncidentListPage /> },
      { path: "/incidents/:incidentId", element: <IncidentPage /> },
      { path: "/entities", element: <EntityListPage /> },
      { path: "/entity", element: <EntityPage /> },
      { path: "/system", element: <SystemPage /> },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
]);

const NONCE = document.querySelector<HTMLMetaElement>('meta[name="yunwei-nonce"]')?.content ?? "";
/** The kit has icons of its own; ours are told the nonce as well. */
const ICONS = { csp: { nonce: NONCE } };

/** The console: language, theme, data and pages. */
export function App() {
  const { language, theme } = usePreferences();
  const { i18n } = useTranslation();
  useEffect(() => {
    void i18n.changeLanguage(language);
    document.documentElement.lang = HTML_LANGUAGE[language];
    document.documentElement.dataset["theme"] = theme;
  }, [i18n, language, theme]);
  return (
    <ConfigProvider locale={language === "zh" ? zhCN : enUS} theme={themeOf(theme)} csp={{ nonce: NONCE }} button={{ autoInsertSpace: false }}>
      <IconProvider value={ICONS}>
        <KitApp>
          <ErrorBoundary>
            <QueryClientProvider client={queries}>
              <Suspense fallback={<Loading />}>
                <RouterProvider router={router} />
              </Suspense>
            </QueryClientProvider>
          </ErrorBoundary>
        </KitApp>
      </IconProvider>
    </ConfigProvider>
  );
}
