import type { FastifyInstance } from "fastify";

/**
 * Content policy of the console's page: everything from here, nothing framed. Styles made in the page carry `nonce`;
 * style attributes are allowed because charts are drawn as SVG text with them.
 */
export function contentPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Headers of every answer. Answers of the API are kept by nobody and are no page. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply) => {
    void reply.header("x-content-type-options", "nosniff");
    void reply.header("referrer-policy", "same-origin");
    void reply.header("x-frame-options", "DENY");
    void reply.header("cross-origin-opener-policy", "same-origin");
    void reply.header("cross-origin-resource-policy", "same-origin");
    if (!reply.hasHeader("content-security-policy")) void reply.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
    if (request.protocol === "https") void reply.header("strict-transport-security", "max-age=31536000");
  });
}
