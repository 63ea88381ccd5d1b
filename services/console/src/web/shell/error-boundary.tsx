import { Component, type ReactNode } from "react";
import { EN } from "../messages/en.ts";
import { ZH } from "../messages/zh.ts";
import { preferencesNow } from "../preferences.ts";

/** Keeps a fault of one page from leaving a white screen. Needs nothing that could itself be broken. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const { broken } = preferencesNow().language === "en" ? EN : ZH;
    return (
      <div className="nothing" role="alert">
        <p className="nothing-title">{broken.title}</p>
        <p className="muted">{broken.hint}</p>
        <button type="button" onClick={() => location.reload()}>
          {broken.reload}
        </button>
      </div>
    );
  }
}
