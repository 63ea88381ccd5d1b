import { type ReactNode, useId } from "react";

/** A titled part of a page. */
export function Section({ title, extra, children, className }: { title: ReactNode; extra?: ReactNode; children: ReactNode; className?: string }) {
  const id = useId();
  return (
    <section className={className === undefined ? "card" : `card ${className}`} aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {extra}
      </div>
      {children}
    </section>
  );
}
