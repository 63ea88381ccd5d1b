import type { ReactNode } from "react";

/** An empty place that says why it is empty and what to do. */
export function Nothing({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing-title">{title}</p>
      {hint === undefined ? null : <p className="muted">{hint}</p>}
      {children}
    </div>
  );
}
