import { MenuOutlined, MoonOutlined, QuestionCircleOutlined, SunOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { Suspense, useEffect, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import type { Session } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { prefer, usePreferences } from "../preferences.ts";
import { AccountMenu } from "./account-menu.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { SessionContext } from "./session-context.ts";
import { useShortcuts } from "./shortcuts.ts";

const PLACES = [
  ["/", "overview", "overview:read"],
  ["/incidents", "incidents", "incident:read"],
  ["/entities", "entities", "telemetry:read"],
  ["/system", "system", "system:read"],
] as const;

/** The frame of every page: where one can go, language, theme, account. */
export function Shell({ session }: { session: Session }) {
  const { t } = useWords();
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes and the view starts at its top when the page changes
  useEffect(() => {
    setMenu(false);
    scrollTo(0, 0);
  }, [pathname]);
  useShortcuts({
    "g o": () => void navigate("/"),
    "g i": () => void navigate("/incidents"),
    "g e": () => void navigate("/entities"),
    "?": () => setHelp(true),
  });
  const places = PLACES.filter(([, , permission]) => session.permissions.includes(permission)).map(([path, name]) => (
    <NavLink key={path} to={path} end={path === "/"} className="nav-link">
      {t(`nav/${name}`)}
    </NavLink>
  ));
  return (
    <SessionContext value={session}>
      <a className="skip" href="#content">
        {t("nav/skip")}
      </a>
      <header className="top">
        <Button className="only-narrow" type="text" icon={<MenuOutlined />} aria-label={t("nav/menu")} onClick={() => setMenu(true)} />
        <NavLink to="/" className="brand">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          {t("brand")}
        </NavLink>
        <nav className="only-wide places" aria-label={t("brand")}>
          {places}
        </nav>
        <span className="spacer" />
        <span className="only-wide zone">{t("zoneLong")}</span>
        <Button
          className="only-wide"
          type="text"
          icon={<QuestionCircleOutlined />}
          aria-label={t("help/open")}
          title={t("help/open")}
          onClick={() => setHelp(true)}
        />
        <Choices />
        <AccountMenu session={session} />
      </header>
      <Drawer open={menu} onClose={() => setMenu(false)} placement="left" size={260} title={t("brand")}>
        <nav className="places-tall" aria-label={t("brand")}>
          {places}
        </nav>
        <p className="muted small">{t("zoneLong")}</p>
      </Drawer>
      <main id="content" tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <HelpDialog open={help} onClose={() => setHelp(false)} />
    </SessionContext>
  );
}

/** Language and theme, also before the sign-in. */
export function Choices() {
  const { t } = useWords();
  const { language, theme } = usePreferences();
  const themeLabel = t(theme === "dark" ? "theme/toLight" : "theme/toDark");
  return (
    <>
      <Button
        type="text"
        aria-label={t("language/label")}
        lang={language === "zh" ? "en" : "zh-CN"}
        onClick={() => prefer({ language: language === "zh" ? "en" : "zh" })}
      >
        {t("language/switch")}
      </Button>
      <Button
        type="text"
        icon={theme === "dark" ? <SunOutlined /> : <MoonOutlined />}
        aria-label={themeLabel}
        title={themeLabel}
        onClick={() => prefer({ theme: theme === "dark" ? "light" : "dark" })}
      />
    </>
  );
}
