import type { ReactNode } from "react";

/** A table that scrolls in its own place when the screen is too narrow; what scrolls can be reached with the keyboard. @param wide - never squeezed below a readable width */
export function WideTable({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section className="scroll-x" tabIndex={0} aria-label={label}>
      <table className={wide ? "plain wide" : "plain"}>{children}</table>
    </section>
  );
}
