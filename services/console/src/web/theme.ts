import { type ThemeConfig, theme } from "antd";

const FONT = 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

/** Tokens of the component kit, in the colours of styles/base.css. Chosen for WCAG AA contrast: the kit's own reds and greens miss it. */
export function themeOf(name: "light" | "dark"): ThemeConfig {
  const dark = name === "dark";
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      fontFamily: FONT,
      borderRadius: 6,
      colorPrimary: dark ? "#2f6fd6" : "#1554c0",
      colorLink: dark ? "#7fb0ff" : "#1554c0",
      colorError: dark ? "#ff7b84" : "#b91c2b",
      colorBgBase: dark ? "#0e141c" : "#ffffff",
      colorBgContainer: dark ? "#161e29" : "#ffffff",
      colorBgElevated: dark ? "#1c2633" : "#ffffff",
      colorTextBase: dark ? "#e6ebf2" : "#1b2430",
      colorTextPlaceholder: dark ? "#93a4b8" : "#5c6876",
      colorTextDescription: dark ? "#9fb0c3" : "#526070",
      colorBorder: dark ? "#3a4a5e" : "#c3ccd8",
    },
  };
}
